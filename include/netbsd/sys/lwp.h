/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calling thread, and what drivers ask of it.
 */
#ifndef _NETBSD_SYS_LWP_H_
#define _NETBSD_SYS_LWP_H_

#include "types.h"
#include "cpu.h"

struct kauth_cred;

#ifndef __HOSTED_SEAM
/* The rest is private; the seam has the whole in src/kern/lwp.h. */
struct lwp {
	struct proc	*l_proc;
	struct cpu_info	*l_cpu;
	struct kauth_cred *l_cred;
	const char	*l_name;
	lwpid_t		l_lid;
};
#endif

__BEGIN_DECLS
lwp_t	*__pupci_curlwp(void) __attribute__((__const__));
/* Both let others run and give up the kernel lock meanwhile.  Thread context. */
void	yield(void);
void	preempt(void);
/* Nest.  The thread stays on its CPU anyway; see sys/cpu.h. */
void	kpreempt_disable(void);
void	kpreempt_enable(void);
bool	kpreempt_disabled(void);
__END_DECLS

#define curlwp		__pupci_curlwp()
#define preempt_point()	preempt()
#define KPREEMPT_DISABLE(l)	kpreempt_disable()
#define KPREEMPT_ENABLE(l)	kpreempt_enable()

#endif /* !_NETBSD_SYS_LWP_H_ */
