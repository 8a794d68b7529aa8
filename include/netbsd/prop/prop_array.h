/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arrays, prop_array(3) and prop_array_util(3).
 */
#ifndef _NETBSD_PROP_PROP_ARRAY_H_
#define _NETBSD_PROP_PROP_ARRAY_H_

#include "prop_object.h"

__BEGIN_DECLS
prop_array_t	prop_array_create(void);
prop_array_t	prop_array_create_with_capacity(unsigned int);
prop_array_t	prop_array_copy(prop_array_t);	/* immutable, shallow */
prop_array_t	prop_array_copy_mutable(prop_array_t);
unsigned int	prop_array_capacity(prop_array_t);
unsigned int	prop_array_count(prop_array_t);
bool		prop_array_ensure_capacity(prop_array_t, unsigned int);
void		prop_array_make_immutable(prop_array_t);
bool		prop_array_mutable(prop_array_t);
prop_object_iterator_t prop_array_iterator(prop_array_t);
/* Not retained for the caller; null beyond the end. */
prop_object_t	prop_array_get(prop_array_t, unsigned int);
/* Replaces, or appends when the index is the count. */
bool		prop_array_set(prop_array_t, unsigned int, prop_object_t);
bool		prop_array_add(prop_array_t, prop_object_t);
void		prop_array_remove(prop_array_t, unsigned int);
bool		prop_array_equals(prop_array_t, prop_array_t);
char		*prop_array_externalize(prop_array_t);
prop_array_t	prop_array_internalize(const char *);

/* Set and add release what they are given, success or not. */
bool		prop_array_set_and_rel(prop_array_t, unsigned int,
		    prop_object_t);
bool		prop_array_add_and_rel(prop_array_t, prop_object_t);

bool	prop_array_get_string(prop_array_t, unsigned int, const char **);
bool	prop_array_set_string(prop_array_t, unsigned int, const char *);
bool	prop_array_add_string(prop_array_t, const char *);
bool	prop_array_set_string_nocopy(prop_array_t, unsigned int, const char *);
bool	prop_array_add_string_nocopy(prop_array_t, const char *);
bool	prop_array_get_data(prop_array_t, unsigned int, const void **,
	    size_t *);
bool	prop_array_set_data(prop_array_t, unsigned int, const void *, size_t);
bool	prop_array_add_data(prop_array_t, const void *, size_t);
bool	prop_array_set_data_nocopy(prop_array_t, unsigned int, const void *,
	    size_t);
bool	prop_array_add_data_nocopy(prop_array_t, const void *, size_t);

/* False when there is no such element, or none that fits the type. */
bool	prop_array_get_bool(prop_array_t, unsigned int,
	    bool *);
bool	prop_array_set_bool(prop_array_t, unsigned int,
	    bool);
bool	prop_array_add_bool(prop_array_t, bool);
bool	prop_array_get_schar(prop_array_t, unsigned int,
	    signed char *);
bool	prop_array_set_schar(prop_array_t, unsigned int,
	    signed char);
bool	prop_array_add_schar(prop_array_t, signed char);
bool	prop_array_get_uchar(prop_array_t, unsigned int,
	    unsigned char *);
bool	prop_array_set_uchar(prop_array_t, unsigned int,
	    unsigned char);
bool	prop_array_add_uchar(prop_array_t, unsigned char);
bool	prop_array_get_short(prop_array_t, unsigned int,
	    short *);
bool	prop_array_set_short(prop_array_t, unsigned int,
	    short);
bool	prop_array_add_short(prop_array_t, short);
bool	prop_array_get_ushort(prop_array_t, unsigned int,
	    unsigned short *);
bool	prop_array_set_ushort(prop_array_t, unsigned int,
	    unsigned short);
bool	prop_array_add_ushort(prop_array_t, unsigned short);
bool	prop_array_get_int(prop_array_t, unsigned int,
	    int *);
bool	prop_array_set_int(prop_array_t, unsigned int,
	    int);
bool	prop_array_add_int(prop_array_t, int);
bool	prop_array_get_uint(prop_array_t, unsigned int,
	    unsigned int *);
bool	prop_array_set_uint(prop_array_t, unsigned int,
	    unsigned int);
bool	prop_array_add_uint(prop_array_t, unsigned int);
bool	prop_array_get_long(prop_array_t, unsigned int,
	    long *);
bool	prop_array_set_long(prop_array_t, unsigned int,
	    long);
bool	prop_array_add_long(prop_array_t, long);
bool	prop_array_get_ulong(prop_array_t, unsigned int,
	    unsigned long *);
bool	prop_array_set_ulong(prop_array_t, unsigned int,
	    unsigned long);
bool	prop_array_add_ulong(prop_array_t, unsigned long);
bool	prop_array_get_longlong(prop_array_t, unsigned int,
	    long long *);
bool	prop_array_set_longlong(prop_array_t, unsigned int,
	    long long);
bool	prop_array_add_longlong(prop_array_t, long long);
bool	prop_array_get_ulonglong(prop_array_t, unsigned int,
	    unsigned long long *);
bool	prop_array_set_ulonglong(prop_array_t, unsigned int,
	    unsigned long long);
bool	prop_array_add_ulonglong(prop_array_t, unsigned long long);
bool	prop_array_get_intptr(prop_array_t, unsigned int,
	    intptr_t *);
bool	prop_array_set_intptr(prop_array_t, unsigned int,
	    intptr_t);
bool	prop_array_add_intptr(prop_array_t, intptr_t);
bool	prop_array_get_uintptr(prop_array_t, unsigned int,
	    uintptr_t *);
bool	prop_array_set_uintptr(prop_array_t, unsigned int,
	    uintptr_t);
bool	prop_array_add_uintptr(prop_array_t, uintptr_t);
bool	prop_array_get_int8(prop_array_t, unsigned int,
	    int8_t *);
bool	prop_array_set_int8(prop_array_t, unsigned int,
	    int8_t);
bool	prop_array_add_int8(prop_array_t, int8_t);
bool	prop_array_get_uint8(prop_array_t, unsigned int,
	    uint8_t *);
bool	prop_array_set_uint8(prop_array_t, unsigned int,
	    uint8_t);
bool	prop_array_add_uint8(prop_array_t, uint8_t);
bool	prop_array_get_int16(prop_array_t, unsigned int,
	    int16_t *);
bool	prop_array_set_int16(prop_array_t, unsigned int,
	    int16_t);
bool	prop_array_add_int16(prop_array_t, int16_t);
bool	prop_array_get_uint16(prop_array_t, unsigned int,
	    uint16_t *);
bool	prop_array_set_uint16(prop_array_t, unsigned int,
	    uint16_t);
bool	prop_array_add_uint16(prop_array_t, uint16_t);
bool	prop_array_get_int32(prop_array_t, unsigned int,
	    int32_t *);
bool	prop_array_set_int32(prop_array_t, unsigned int,
	    int32_t);
bool	prop_array_add_int32(prop_array_t, int32_t);
bool	prop_array_get_uint32(prop_array_t, unsigned int,
	    uint32_t *);
bool	prop_array_set_uint32(prop_array_t, unsigned int,
	    uint32_t);
bool	prop_array_add_uint32(prop_array_t, uint32_t);
bool	prop_array_get_int64(prop_array_t, unsigned int,
	    int64_t *);
bool	prop_array_set_int64(prop_array_t, unsigned int,
	    int64_t);
bool	prop_array_add_int64(prop_array_t, int64_t);
bool	prop_array_get_uint64(prop_array_t, unsigned int,
	    uint64_t *);
bool	prop_array_set_uint64(prop_array_t, unsigned int,
	    uint64_t);
bool	prop_array_add_uint64(prop_array_t, uint64_t);

/* Names of NetBSD 9 and before; the copy is of malloc(9), M_TEMP. */
bool	prop_array_get_cstring(prop_array_t, unsigned int, char **);
bool	prop_array_get_cstring_nocopy(prop_array_t, unsigned int,
	    const char **);
bool	prop_array_set_cstring(prop_array_t, unsigned int, const char *);
bool	prop_array_set_cstring_nocopy(prop_array_t, unsigned int,
	    const char *);
bool	prop_array_add_cstring(prop_array_t, const char *);
bool	prop_array_add_cstring_nocopy(prop_array_t, const char *);
__END_DECLS

#endif /* !_NETBSD_PROP_PROP_ARRAY_H_ */
