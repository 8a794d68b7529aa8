/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs as drivers count them.  There is one, on which all threads of the
 * process run, truly at once: preemption being disabled excludes nobody.
 */
#ifndef _NETBSD_SYS_CPU_H_
#define _NETBSD_SYS_CPU_H_

#include "types.h"

struct cpu_info {
	u_int ci_index;
	cpuid_t ci_cpuid;
	u_int ci_flags;
};
#define CPUF_PRIMARY	0x0001
#define CPUF_PRESENT	0x0002
#define CPUF_RUNNING	0x0004

typedef unsigned int CPU_INFO_ITERATOR __attribute__((__unused__));

__BEGIN_DECLS
extern struct cpu_info cpu_info_primary;
extern int ncpu;
extern int ncpuonline;

struct cpu_info *cpu_lookup(u_int);	/* NULL beyond ncpu */
bool	cpu_intr_p(void);	/* in a hardware interrupt handler */
bool	cpu_softintr_p(void);	/* in a softint or callout */
__END_DECLS

#define curcpu()	(&cpu_info_primary)
#define cpu_number()	((u_int)0)
#define cpu_index(ci)	((ci)->ci_index)
#define CPU_IS_PRIMARY(ci)	((ci)->ci_index == 0)
#define CPU_INFO_FOREACH(cii, ci)	\
	(cii) = 0; ((ci) = cpu_lookup(cii)) != NULL; (cii)++

#endif /* !_NETBSD_SYS_CPU_H_ */
