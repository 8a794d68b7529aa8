/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): one interrupt, between its handler and its descriptor.
 */
#ifndef _DEV_PCI_PUPCI_VECTOR_H_
#define _DEV_PCI_PUPCI_VECTOR_H_

#include <sys/param.h>
#include <sys/condvar.h>
#include <sys/mutex.h>
#include <sys/select.h>

#include "pupciio.h"

struct pupci_softc;

/*
 * The handler's side ends with pupci_vector_end(), the descriptor's when it is
 * closed; the last one frees it.  v_lock (IPL_VM) guards what follows it; v_sc
 * is there while the handler's side is.
 */
struct pupci_vector {
	void			*v_ih;		/* sc_busy */
	bool			v_line;		/* INTx */
	bool			v_programmed;	/* by steps */

	kmutex_t		v_lock;
	kcondvar_t		v_cv;
	struct selinfo		v_sel;
	struct pupci_softc	*v_sc;		/* null: ended */
	uint64_t		v_count;	/* not yet read */
	bool			v_masked;
	bool			v_served;	/* INTx: not yet acknowledged */
	bool			v_open;		/* has a descriptor */
	u_int			v_restarts;	/* of reads, by close(2) */
	uint32_t		v_value[4];	/* of the programs */
	struct pupci_step	v_handler[PUPCI_NSTEPS];
	struct pupci_step	v_acknowledge[PUPCI_NSTEPS];
};

/* pupci_intr.c */
void	pupci_vector_acknowledge(struct pupci_vector *);
void	pupci_vector_mask(struct pupci_vector *, bool);
void	pupci_vector_notify(struct pupci_vector *);
void	pupci_vector_free(struct pupci_vector *);

/* pupci_step.c */
int	pupci_steps_check(struct pupci_softc *, const struct pupci_step *,
	    bool);
bool	pupci_steps_run(struct pupci_softc *, const struct pupci_step *,
	    uint32_t *);

/* pupci_file.c */
int	pupci_file_create(struct pupci_vector *, int *);

#endif /* !_DEV_PCI_PUPCI_VECTOR_H_ */
