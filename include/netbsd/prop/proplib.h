/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Property lists, proplib(3).
 */
#ifndef _NETBSD_PROP_PROPLIB_H_
#define _NETBSD_PROP_PROPLIB_H_

#include "prop_object.h"
#include "prop_array.h"
#include "prop_bool.h"
#include "prop_data.h"
#include "prop_dictionary.h"
#include "prop_number.h"
#include "prop_string.h"

#endif /* !_NETBSD_PROP_PROPLIB_H_ */
