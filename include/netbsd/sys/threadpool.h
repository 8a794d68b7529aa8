/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jobs that run on threads shared by all who ask for the same priority:
 * threadpool(9).  Jobs run outside the kernel lock and may sleep.
 */
#ifndef _NETBSD_SYS_THREADPOOL_H_
#define _NETBSD_SYS_THREADPOOL_H_

#include "types.h"
#include "mutex.h"

struct threadpool;
struct threadpool_percpu;
struct cpu_info;

struct threadpool_job {
	uint64_t job_opaque[24];
};

/* Must call threadpool_job_done() before it returns. */
typedef void threadpool_job_fn_t(struct threadpool_job *);

__BEGIN_DECLS
/* Thread context.  0, ENOMEM, EAGAIN. */
int	threadpool_get(struct threadpool **, pri_t);
/* Thread context.  No job of the caller's may be scheduled or running. */
void	threadpool_put(struct threadpool *, pri_t);

int	threadpool_percpu_get(struct threadpool_percpu **, pri_t);
void	threadpool_percpu_put(struct threadpool_percpu *, pri_t);
struct threadpool *threadpool_percpu_ref(struct threadpool_percpu *);
struct threadpool *threadpool_percpu_ref_remote(struct threadpool_percpu *,
	    struct cpu_info *);

/* The mutex guards the job: the functions below want it held. */
void	threadpool_job_init(struct threadpool_job *, threadpool_job_fn_t *,
	    kmutex_t *, const char *, ...) __printflike(4, 5);
/* Without the mutex.  Panics if the job is scheduled or running. */
void	threadpool_job_destroy(struct threadpool_job *);

/* Any context that may take the mutex.  Nothing if it is scheduled or running already. */
void	threadpool_schedule_job(struct threadpool *, struct threadpool_job *);
/* Thread context.  Gives up the mutex while it waits for a running job. */
void	threadpool_cancel_job(struct threadpool *, struct threadpool_job *);
/* False if the job runs. */
bool	threadpool_cancel_job_async(struct threadpool *, struct threadpool_job *);
/* By the job itself; from here on it may be scheduled again. */
void	threadpool_job_done(struct threadpool_job *);
__END_DECLS

#endif /* !_NETBSD_SYS_THREADPOOL_H_ */
