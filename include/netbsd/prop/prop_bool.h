/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Booleans, prop_bool(3).
 */
#ifndef _NETBSD_PROP_PROP_BOOL_H_
#define _NETBSD_PROP_PROP_BOOL_H_

#include "prop_object.h"

__BEGIN_DECLS
prop_bool_t	prop_bool_create(bool);
prop_bool_t	prop_bool_copy(prop_bool_t);
/* False for null and for objects that are no booleans. */
bool		prop_bool_value(prop_bool_t);
bool		prop_bool_true(prop_bool_t);
__END_DECLS

#endif /* !_NETBSD_PROP_PROP_BOOL_H_ */
