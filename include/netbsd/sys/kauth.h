/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Credentials and who may do what (kauth(9)).
 */
#ifndef _NETBSD_SYS_KAUTH_H_
#define _NETBSD_SYS_KAUTH_H_

#include "types.h"

typedef struct kauth_scope	*kauth_scope_t;
typedef struct kauth_listener	*kauth_listener_t;
typedef struct kauth_cred	*kauth_cred_t;
typedef uint32_t		kauth_action_t;
typedef int (*kauth_scope_callback_t)(kauth_cred_t, kauth_action_t, void *, void *, void *,
    void *, void *);

/* Stands for the kernel itself, and for no file. */
#define NOCRED	((kauth_cred_t)-1)
#define FSCRED	((kauth_cred_t)-2)

/* What a listener answers. */
#define KAUTH_RESULT_ALLOW	0
#define KAUTH_RESULT_DENY	1
#define KAUTH_RESULT_DEFER	2

#define KAUTH_SCOPE_GENERIC	"org.netbsd.kauth.generic"
#define KAUTH_SCOPE_SYSTEM	"org.netbsd.kauth.system"
#define KAUTH_SCOPE_PROCESS	"org.netbsd.kauth.process"
#define KAUTH_SCOPE_NETWORK	"org.netbsd.kauth.network"
#define KAUTH_SCOPE_MACHDEP	"org.netbsd.kauth.machdep"
#define KAUTH_SCOPE_DEVICE	"org.netbsd.kauth.device"
#define KAUTH_SCOPE_CRED	"org.netbsd.kauth.cred"
#define KAUTH_SCOPE_VNODE	"org.netbsd.kauth.vnode"

/* Actions: those that drivers name. */
enum {
	KAUTH_GENERIC_ISSUSER = 2
};

enum kauth_system_action {
	KAUTH_SYSTEM_CPU = 4,
	KAUTH_SYSTEM_DEBUG = 5,
	KAUTH_SYSTEM_SYSCTL = 13,
	KAUTH_SYSTEM_TIME = 14,
	KAUTH_SYSTEM_MODULE = 15,
	KAUTH_SYSTEM_VERIEXEC = 21,
	KAUTH_SYSTEM_DEVMAPPER = 22,
	KAUTH_SYSTEM_INTR = 27
};

enum kauth_system_req {
	KAUTH_REQ_SYSTEM_TIME_SYSTEM = 24,
	KAUTH_REQ_SYSTEM_INTR_AFFINITY = 38
};

enum kauth_network_action {
	KAUTH_NETWORK_INTERFACE = 4,
	KAUTH_NETWORK_INTERFACE_PVC = 15
};

enum kauth_network_req {
	KAUTH_REQ_NETWORK_INTERFACE_GET = 15,
	KAUTH_REQ_NETWORK_INTERFACE_GETPRIV,
	KAUTH_REQ_NETWORK_INTERFACE_SET,
	KAUTH_REQ_NETWORK_INTERFACE_SETPRIV,
	KAUTH_REQ_NETWORK_INTERFACE_PVC_ADD = 36,
	KAUTH_REQ_NETWORK_INTERFACE_FIRMWARE = 41
};

enum kauth_machdep_action {
	KAUTH_MACHDEP_NVRAM = 10,
	KAUTH_MACHDEP_UNMANAGEDMEM = 11
};

enum kauth_device_action {
	KAUTH_DEVICE_TTY_OPEN = 1,
	KAUTH_DEVICE_TTY_PRIVSET,
	KAUTH_DEVICE_TTY_STI,
	KAUTH_DEVICE_RAWIO_SPEC,
	KAUTH_DEVICE_RAWIO_PASSTHRU,
	KAUTH_DEVICE_BLUETOOTH_SETPRIV,
	KAUTH_DEVICE_RND_ADDDATA,
	KAUTH_DEVICE_RND_ADDDATA_ESTIMATE,
	KAUTH_DEVICE_RND_GETPRIV,
	KAUTH_DEVICE_RND_SETPRIV,
	KAUTH_DEVICE_GPIO_PINSET = 13,
	KAUTH_DEVICE_TTY_VIRTUAL = 16,
	KAUTH_DEVICE_WSCONS_KEYBOARD_BELL,
	KAUTH_DEVICE_WSCONS_KEYBOARD_KEYREPEAT,
	KAUTH_DEVICE_NVMM_CTL
};

enum kauth_device_req {
	KAUTH_REQ_DEVICE_RAWIO_SPEC_READ = 1,
	KAUTH_REQ_DEVICE_RAWIO_SPEC_WRITE,
	KAUTH_REQ_DEVICE_RAWIO_SPEC_RW
};

/* Bits of the request of kauth_authorize_device_passthru(). */
#define KAUTH_REQ_DEVICE_RAWIO_PASSTHRU_READ		0x00000001
#define KAUTH_REQ_DEVICE_RAWIO_PASSTHRU_WRITE		0x00000002
#define KAUTH_REQ_DEVICE_RAWIO_PASSTHRU_READCONF	0x00000004
#define KAUTH_REQ_DEVICE_RAWIO_PASSTHRU_WRITECONF	0x00000008
#define KAUTH_REQ_DEVICE_RAWIO_PASSTHRU_ALL		0x0000000f

#define KAUTH_ARG(value)	((void *)(unsigned long)(value))

struct tty;

__BEGIN_DECLS
/* Fresh and with one reference; uid and gid are the process's own. */
kauth_cred_t	kauth_cred_alloc(void);
void		kauth_cred_hold(kauth_cred_t);
void		kauth_cred_free(kauth_cred_t);
kauth_cred_t	kauth_cred_dup(kauth_cred_t);
kauth_cred_t	kauth_cred_copy(kauth_cred_t);
unsigned int	kauth_cred_getrefcnt(kauth_cred_t);
/* The calling thread's credential; not a new reference. */
kauth_cred_t	kauth_cred_get(void);

uid_t	kauth_cred_getuid(kauth_cred_t);
uid_t	kauth_cred_geteuid(kauth_cred_t);
uid_t	kauth_cred_getsvuid(kauth_cred_t);
gid_t	kauth_cred_getgid(kauth_cred_t);
gid_t	kauth_cred_getegid(kauth_cred_t);
gid_t	kauth_cred_getsvgid(kauth_cred_t);
void	kauth_cred_setuid(kauth_cred_t, uid_t);
void	kauth_cred_seteuid(kauth_cred_t, uid_t);
void	kauth_cred_setsvuid(kauth_cred_t, uid_t);
void	kauth_cred_setgid(kauth_cred_t, gid_t);
void	kauth_cred_setegid(kauth_cred_t, gid_t);
void	kauth_cred_setsvgid(kauth_cred_t, gid_t);
/* 0, or EPERM for another group, with *result nonzero when it is a member. */
int	kauth_cred_ismember_gid(kauth_cred_t, gid_t, int *);

/*
 * 0 or EPERM.  What no listener decides is allowed to the owner of the process
 * and to root.  Thread context.
 */
int	kauth_authorize_action(kauth_scope_t, kauth_cred_t, kauth_action_t, void *, void *, void *,
	    void *);
int	kauth_authorize_generic(kauth_cred_t, kauth_action_t, void *);
int	kauth_authorize_system(kauth_cred_t, kauth_action_t, enum kauth_system_req, void *, void *,
	    void *);
int	kauth_authorize_network(kauth_cred_t, kauth_action_t, enum kauth_network_req, void *,
	    void *, void *);
int	kauth_authorize_machdep(kauth_cred_t, kauth_action_t, void *, void *, void *, void *);
int	kauth_authorize_device(kauth_cred_t, kauth_action_t, void *, void *, void *, void *);
int	kauth_authorize_device_tty(kauth_cred_t, kauth_action_t, struct tty *);
int	kauth_authorize_device_passthru(kauth_cred_t, dev_t, unsigned long, void *);

kauth_scope_t	kauth_register_scope(const char *, kauth_scope_callback_t, void *);
void		kauth_deregister_scope(kauth_scope_t);
/* Null when there is no such scope. */
kauth_listener_t	kauth_listen_scope(const char *, kauth_scope_callback_t, void *);
void		kauth_unlisten_scope(kauth_listener_t);
__END_DECLS

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#include "stat.h"
#include "time.h"
#endif

#endif /* !_NETBSD_SYS_KAUTH_H_ */
