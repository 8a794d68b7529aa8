/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): which functions are to be handed to processes, and the settings of
 * the operator: sysctl hw.pupci.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/mutex.h>
#include <sys/sysctl.h>

#include "pupcivar.h"

/* "bus:device:function", in decimal, with commas or blanks between; or "*". */
#define PUPCI_CLAIM_LEN 512

#ifndef PUPCI_CLAIM
#define PUPCI_CLAIM "" /* options PUPCI_CLAIM="\"0:3:0\"" */
#endif

int64_t pupci_dma_limit = INT64_C(256) << 20;

static kmutex_t pupci_claim_lock;
static bool pupci_claim_ready; /* the lock is there */
static char pupci_claim[PUPCI_CLAIM_LEN] = PUPCI_CLAIM;
static struct sysctllog *pupci_sysctl_log;

static bool
pupci_separates(char c)
{

	return c == ',' || c == ' ' || c == '\t';
}

/* The number at *s, which moves behind it; false for none, or one too large. */
static bool
pupci_number(const char **s, u_int limit, u_int *number)
{
	u_int n = 0;

	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		n = n * 10 + (u_int)(**s - '0');
		if (n > limit)
			return false;
	}
	*number = n;
	return true;
}

/* One word of the list; false when it is not one. */
static bool
pupci_word(const char **s, u_int bdf[3])
{
	static const u_int limits[3] = { 255, 31, 7 };
	u_int i;

	if (**s == '*') {
		(*s)++;
		bdf[0] = bdf[1] = bdf[2] = UINT32_MAX;
	} else {
		for (i = 0; i < 3; i++) {
			if (i != 0 && *(*s)++ != ':')
				return false;
			if (!pupci_number(s, limits[i], &bdf[i]))
				return false;
		}
	}
	return **s == '\0' || pupci_separates(**s);
}

/* 1 or 0 for a function that is in the list or not; -1 for no list. */
static int
pupci_lookup(const char *list, const struct pci_attach_args *pa)
{
	const char *s = list;
	u_int bdf[3];
	int found = 0;

	for (;;) {
		while (pupci_separates(*s))
			s++;
		if (*s == '\0')
			return found;
		if (!pupci_word(&s, bdf))
			return -1;
		if (pa != NULL &&
		    (bdf[0] == UINT32_MAX ||
			(bdf[0] == pa->pa_bus && bdf[1] == pa->pa_device &&
			    bdf[2] == pa->pa_function)))
			found = 1;
	}
}

bool
pupci_claimed(const struct pci_attach_args *pa)
{
	bool claimed;

	/* A bridge is the bus's own. */
	if (PCI_CLASS(pa->pa_class) == PCI_CLASS_BRIDGE)
		return false;
	/* Built in, the kernel configures its devices before its modules. */
	if (!pupci_claim_ready)
		return pupci_lookup(pupci_claim, pa) == 1;
	mutex_enter(&pupci_claim_lock);
	claimed = pupci_lookup(pupci_claim, pa) == 1;
	mutex_exit(&pupci_claim_lock);
	return claimed;
}

int
pupci_claim_set(const char *list)
{

	if (strlen(list) >= sizeof(pupci_claim))
		return ENAMETOOLONG;
	if (pupci_lookup(list, NULL) < 0)
		return EINVAL;
	mutex_enter(&pupci_claim_lock);
	strlcpy(pupci_claim, list, sizeof(pupci_claim));
	mutex_exit(&pupci_claim_lock);
	return 0;
}

static int
pupci_sysctl_claim(SYSCTLFN_ARGS)
{
	struct sysctlnode node = *rnode;
	char list[PUPCI_CLAIM_LEN];
	int error;

	mutex_enter(&pupci_claim_lock);
	strlcpy(list, pupci_claim, sizeof(list));
	mutex_exit(&pupci_claim_lock);
	node.sysctl_data = list;
	error = sysctl_lookup(SYSCTLFN_CALL(&node));
	if (error != 0 || newp == NULL)
		return error;
	return pupci_claim_set(list);
}

static void
pupci_sysctl_init(void)
{
	const struct sysctlnode *node = NULL;

	if (sysctl_createv(&pupci_sysctl_log, 0, NULL, &node, CTLFLAG_PERMANENT,
		CTLTYPE_NODE, "pupci",
		SYSCTL_DESCR("PCI functions of processes"), NULL, 0, NULL, 0,
		CTL_HW, CTL_CREATE, CTL_EOL) != 0)
		return;
	sysctl_createv(&pupci_sysctl_log, 0, &node, NULL, CTLFLAG_READWRITE,
	    CTLTYPE_STRING, "claim",
	    SYSCTL_DESCR("Functions to attach to: bus:device:function, ..."),
	    pupci_sysctl_claim, 0, NULL, PUPCI_CLAIM_LEN, CTL_CREATE, CTL_EOL);
	sysctl_createv(&pupci_sysctl_log, 0, &node, NULL, CTLFLAG_READWRITE,
	    CTLTYPE_QUAD, "dma_limit",
	    SYSCTL_DESCR("Memory that one function may hold, in bytes"), NULL,
	    0, &pupci_dma_limit, 0, CTL_CREATE, CTL_EOL);
}

void
pupci_claim_init(void)
{

	mutex_init(&pupci_claim_lock, MUTEX_DEFAULT, IPL_NONE);
	pupci_claim_ready = true;
	pupci_sysctl_init();
}

void
pupci_claim_fini(void)
{

	sysctl_teardown(&pupci_sysctl_log);
	pupci_claim_ready = false;
	mutex_destroy(&pupci_claim_lock);
}
