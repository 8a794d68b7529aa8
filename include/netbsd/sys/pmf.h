/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power management hooks, pmf(9).  Thread context; handlers may sleep.
 */
#ifndef _NETBSD_SYS_PMF_H_
#define _NETBSD_SYS_PMF_H_

#include "types.h"
#include "device_if.h"

typedef enum {
	PMFE_DISPLAY_ON,
	PMFE_DISPLAY_REDUCED,
	PMFE_DISPLAY_STANDBY,
	PMFE_DISPLAY_SUSPEND,
	PMFE_DISPLAY_OFF,
	PMFE_DISPLAY_BRIGHTNESS_UP,
	PMFE_DISPLAY_BRIGHTNESS_DOWN,
	PMFE_AUDIO_VOLUME_UP,
	PMFE_AUDIO_VOLUME_DOWN,
	PMFE_AUDIO_VOLUME_TOGGLE,
	PMFE_CHASSIS_LID_CLOSE,
	PMFE_CHASSIS_LID_OPEN,
	PMFE_RADIO_ON,
	PMFE_RADIO_OFF,
	PMFE_RADIO_TOGGLE,
	PMFE_POWER_CHANGED,
	PMFE_SPEED_CHANGED,
	PMFE_THROTTLE_DISABLE,
	PMFE_THROTTLE_ENABLE
} pmf_generic_event_t;

typedef struct pmf_qual {
	const device_suspensor_t	*pq_suspensor;
	devact_level_t			pq_actlvl;
} pmf_qual_t;

__BEGIN_DECLS
extern const pmf_qual_t * const PMF_Q_NONE;
extern const pmf_qual_t * const PMF_Q_SELF;
extern const pmf_qual_t * const PMF_Q_DRVCTL;
extern const device_suspensor_t * const device_suspensor_self;
extern const device_suspensor_t * const device_suspensor_system;
extern const device_suspensor_t * const device_suspensor_drvctl;

/* Null handlers mean that there is nothing to do.  True always. */
bool	pmf_device_register1(device_t,
	    bool (*suspend)(device_t, const pmf_qual_t *),
	    bool (*resume)(device_t, const pmf_qual_t *),
	    bool (*shutdown)(device_t, int));
void	pmf_device_deregister(device_t);

/*
 * One device: suspend class, driver, bus in this order, resume in reverse.
 * False if the device did not register or a handler refused; suspending what
 * is suspended is true and does nothing.
 */
bool	pmf_device_suspend(device_t, const pmf_qual_t *);
bool	pmf_device_resume(device_t, const pmf_qual_t *);
/* With all below it (suspend), all above it (resume), or the whole tree. */
bool	pmf_device_recursive_suspend(device_t, const pmf_qual_t *);
bool	pmf_device_recursive_resume(device_t, const pmf_qual_t *);
bool	pmf_device_subtree_resume(device_t, const pmf_qual_t *);
bool	pmf_device_descendants_resume(device_t, const pmf_qual_t *);
bool	pmf_system_suspend(const pmf_qual_t *);
bool	pmf_system_resume(const pmf_qual_t *);
void	pmf_system_shutdown(int howto);

/* Handlers hear of an event in a thread of their own, after the injection. */
bool	pmf_event_inject(device_t, pmf_generic_event_t);
bool	pmf_event_register(device_t, pmf_generic_event_t, void (*)(device_t),
	    bool global);
void	pmf_event_deregister(device_t, pmf_generic_event_t, void (*)(device_t),
	    bool global);

/* What the firmware says of the machine ("system-vendor", ...); or null. */
bool		pmf_set_platform(const char *, const char *);
const char	*pmf_get_platform(const char *);

bool	device_pmf_is_registered(device_t);
bool	device_is_self_suspended(device_t);
bool	device_pmf_driver_register(device_t,
	    bool (*suspend)(device_t, const pmf_qual_t *),
	    bool (*resume)(device_t, const pmf_qual_t *),
	    bool (*shutdown)(device_t, int));
void	device_pmf_driver_deregister(device_t);
bool	device_pmf_driver_suspend(device_t, const pmf_qual_t *);
bool	device_pmf_driver_resume(device_t, const pmf_qual_t *);
bool	device_pmf_driver_shutdown(device_t, int);
bool	device_pmf_driver_child_register(device_t);
void	device_pmf_driver_set_child_register(device_t, bool (*)(device_t));

void	device_pmf_bus_register(device_t, void *,
	    bool (*suspend)(device_t, const pmf_qual_t *),
	    bool (*resume)(device_t, const pmf_qual_t *),
	    bool (*shutdown)(device_t, int),
	    void (*deregister)(device_t));
void	device_pmf_bus_deregister(device_t);
void	*device_pmf_bus_private(device_t);
bool	device_pmf_bus_suspend(device_t, const pmf_qual_t *);
bool	device_pmf_bus_resume(device_t, const pmf_qual_t *);
bool	device_pmf_bus_shutdown(device_t, int);

void	device_pmf_class_register(device_t, void *,
	    bool (*suspend)(device_t, const pmf_qual_t *),
	    bool (*resume)(device_t, const pmf_qual_t *),
	    void (*deregister)(device_t));
void	device_pmf_class_deregister(device_t);
void	*device_pmf_class_private(device_t);
bool	device_pmf_class_suspend(device_t, const pmf_qual_t *);
bool	device_pmf_class_resume(device_t, const pmf_qual_t *);
__END_DECLS

#define pmf_device_register(dev, suspend, resume)	\
	pmf_device_register1((dev), (suspend), (resume), NULL)

static inline const device_suspensor_t *
pmf_qual_suspension(const pmf_qual_t *pq)
{

	return pq->pq_suspensor;
}

static inline devact_level_t
pmf_qual_depth(const pmf_qual_t *pq)
{

	return pq->pq_actlvl;
}

static inline bool
pmf_qual_descend_ok(const pmf_qual_t *pq)
{

	return pq->pq_actlvl == DEVACT_LEVEL_FULL;
}

#endif /* !_NETBSD_SYS_PMF_H_ */
