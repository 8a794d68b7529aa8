/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses as a driver makes them, each beside the bare load or store, for a
 * test that reads the machine code.
 */
#include <sys/bus.h>

#define PROBE(n, type)                                                        \
	type probe_read_##n(bus_space_tag_t, bus_space_handle_t, bus_size_t); \
	type raw_read_##n(bus_space_tag_t, bus_space_handle_t, bus_size_t);   \
	void probe_write_##n(                                                 \
	    bus_space_tag_t, bus_space_handle_t, bus_size_t, type);           \
	void raw_write_##n(                                                   \
	    bus_space_tag_t, bus_space_handle_t, bus_size_t, type);           \
                                                                              \
	type probe_read_##n(                                                  \
	    bus_space_tag_t t, bus_space_handle_t h, bus_size_t o)            \
	{                                                                     \
		return bus_space_read_##n(t, h, o);                           \
	}                                                                     \
                                                                              \
	type raw_read_##n(                                                    \
	    bus_space_tag_t t, bus_space_handle_t h, bus_size_t o)            \
	{                                                                     \
		return *(volatile type *)(h + o);                             \
	}                                                                     \
                                                                              \
	void probe_write_##n(                                                 \
	    bus_space_tag_t t, bus_space_handle_t h, bus_size_t o, type v)    \
	{                                                                     \
		bus_space_write_##n(t, h, o, v);                              \
	}                                                                     \
                                                                              \
	void raw_write_##n(                                                   \
	    bus_space_tag_t t, bus_space_handle_t h, bus_size_t o, type v)    \
	{                                                                     \
		*(volatile type *)(h + o) = v;                                \
	}

PROBE(1, uint8_t)
PROBE(2, uint16_t)
PROBE(4, uint32_t)
PROBE(8, uint64_t)
