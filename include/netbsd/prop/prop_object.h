/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects of a property list, prop_object(3).  All functions of proplib:
 * any thread; not from interrupt handlers, since they allocate.
 */
#ifndef _NETBSD_PROP_PROP_OBJECT_H_
#define _NETBSD_PROP_PROP_OBJECT_H_

#include "../sys/cdefs.h"
#include "../sys/types.h"

typedef void *prop_object_t;
typedef struct _prop_object_iterator *prop_object_iterator_t;
typedef struct _prop_array *prop_array_t;
typedef struct _prop_bool *prop_bool_t;
typedef struct _prop_data *prop_data_t;
typedef struct _prop_dictionary *prop_dictionary_t;
typedef struct _prop_dictionary_keysym *prop_dictionary_keysym_t;
typedef struct _prop_number *prop_number_t;
typedef struct _prop_string *prop_string_t;

typedef enum {
	PROP_TYPE_UNKNOWN	=	0x00000000,
	PROP_TYPE_BOOL		=	0x626f6f6c,
	PROP_TYPE_NUMBER	=	0x6e6d6272,
	PROP_TYPE_STRING	=	0x73746e67,
	PROP_TYPE_DATA		=	0x64617461,
	PROP_TYPE_ARRAY		=	0x61726179,
	PROP_TYPE_DICTIONARY	=	0x64696374,
	PROP_TYPE_DICT_KEYSYM	=	0x646b6579
} prop_type_t;

__BEGIN_DECLS
void		prop_object_retain(prop_object_t);
void		prop_object_release(prop_object_t);
prop_type_t	prop_object_type(prop_object_t);
bool		prop_object_equals(prop_object_t, prop_object_t);
/* XML; a string of malloc(9), M_TEMP, for the caller to free. */
char		*prop_object_externalize(prop_object_t);
/* Null unless it is a whole, well-formed property list. */
prop_object_t	prop_object_internalize(const char *);

prop_object_t	prop_object_iterator_next(prop_object_iterator_t);
void		prop_object_iterator_reset(prop_object_iterator_t);
void		prop_object_iterator_release(prop_object_iterator_t);
__END_DECLS

#endif /* !_NETBSD_PROP_PROP_OBJECT_H_ */
