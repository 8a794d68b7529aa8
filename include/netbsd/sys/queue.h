/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intrusive lists (queue(3)): singly and doubly linked lists, tail queues.
 *
 * In a driver built with DEBUG a removed element's links are trashed and
 * inserting or removing around a broken link panics.
 */
#ifndef _NETBSD_SYS_QUEUE_H_
#define _NETBSD_SYS_QUEUE_H_

#include "cdefs.h"

#if defined(DEBUG) && !defined(__HOSTED_SEAM)
#define __QUEUE_CHECKS	1
__BEGIN_DECLS
void	panic(const char *, ...) __dead __printflike(1, 2);
__END_DECLS
#define __QUEUE_CHECK(condition, what, element)	\
	((condition) ? (void)0 : \
	    panic(what " %p: link broken, in %s:%d", (const void *)(element), __FILE__, __LINE__))
#define __QUEUE_TRASH(link)	((link) = (__typeof(link))1)
#else
#define __QUEUE_CHECK(condition, what, element)	((void)0)
#define __QUEUE_TRASH(link)			((void)0)
#endif

/* Singly linked list. */
#define SLIST_HEAD(name, type)		struct name { struct type *slh_first; }
#define SLIST_HEAD_INITIALIZER(head)	{ 0 }
#define SLIST_ENTRY(type)		struct { struct type *sle_next; }

#define SLIST_FIRST(head)		((head)->slh_first)
#define SLIST_END(head)			0
#define SLIST_EMPTY(head)		(SLIST_FIRST(head) == 0)
#define SLIST_NEXT(element, link)	((element)->link.sle_next)

#define SLIST_FOREACH(var, head, link)	\
	for ((var) = SLIST_FIRST(head); (var) != 0; (var) = SLIST_NEXT(var, link))
#define SLIST_FOREACH_SAFE(var, head, link, next)	\
	for ((var) = SLIST_FIRST(head);	\
	    (var) != 0 && ((next) = SLIST_NEXT(var, link), 1); (var) = (next))

#define SLIST_INIT(head)	do {	\
	SLIST_FIRST(head) = 0;	\
} while (0)
#define SLIST_INSERT_HEAD(head, element, link)	do {	\
	SLIST_NEXT(element, link) = SLIST_FIRST(head);	\
	SLIST_FIRST(head) = (element);	\
} while (0)
#define SLIST_INSERT_AFTER(where, element, link)	do {	\
	SLIST_NEXT(element, link) = SLIST_NEXT(where, link);	\
	SLIST_NEXT(where, link) = (element);	\
} while (0)
#define SLIST_REMOVE_HEAD(head, link)	do {	\
	SLIST_FIRST(head) = SLIST_NEXT(SLIST_FIRST(head), link);	\
} while (0)
#define SLIST_REMOVE_AFTER(where, link)	do {	\
	SLIST_NEXT(where, link) = SLIST_NEXT(SLIST_NEXT(where, link), link);	\
} while (0)
#define SLIST_REMOVE(head, element, type, link)	do {	\
	struct type **__at = &SLIST_FIRST(head);	\
	while (*__at != (element))	\
		__at = &SLIST_NEXT(*__at, link);	\
	*__at = SLIST_NEXT(*__at, link);	\
} while (0)

/* Doubly linked list. */
#define LIST_HEAD(name, type)		struct name { struct type *lh_first; }
#define LIST_HEAD_INITIALIZER(head)	{ 0 }
#define LIST_ENTRY(type)		struct { struct type *le_next; struct type **le_prev; }

#define LIST_FIRST(head)		((head)->lh_first)
#define LIST_END(head)			0
#define LIST_EMPTY(head)		(LIST_FIRST(head) == 0)
#define LIST_NEXT(element, link)	((element)->link.le_next)

#define LIST_FOREACH(var, head, link)	\
	for ((var) = LIST_FIRST(head); (var) != 0; (var) = LIST_NEXT(var, link))
#define LIST_FOREACH_SAFE(var, head, link, next)	\
	for ((var) = LIST_FIRST(head);	\
	    (var) != 0 && ((next) = LIST_NEXT(var, link), 1); (var) = (next))

#define LIST_INIT(head)	do {	\
	LIST_FIRST(head) = 0;	\
} while (0)
#define LIST_INSERT_HEAD(head, element, link)	do {	\
	__QUEUE_CHECK(LIST_FIRST(head) == 0 ||	\
	    LIST_FIRST(head)->link.le_prev == &LIST_FIRST(head), "LIST_INSERT_HEAD", head); \
	if ((LIST_NEXT(element, link) = LIST_FIRST(head)) != 0)	\
		LIST_FIRST(head)->link.le_prev = &LIST_NEXT(element, link);	\
	LIST_FIRST(head) = (element);	\
	(element)->link.le_prev = &LIST_FIRST(head);	\
} while (0)
#define LIST_INSERT_AFTER(where, element, link)	do {	\
	if ((LIST_NEXT(element, link) = LIST_NEXT(where, link)) != 0)	\
		LIST_NEXT(where, link)->link.le_prev = &LIST_NEXT(element, link);	\
	LIST_NEXT(where, link) = (element);	\
	(element)->link.le_prev = &LIST_NEXT(where, link);	\
} while (0)
#define LIST_INSERT_BEFORE(where, element, link)	do {	\
	(element)->link.le_prev = (where)->link.le_prev;	\
	LIST_NEXT(element, link) = (where);	\
	*(where)->link.le_prev = (element);	\
	(where)->link.le_prev = &LIST_NEXT(element, link);	\
} while (0)
#define LIST_REMOVE(element, link)	do {	\
	__QUEUE_CHECK(*(element)->link.le_prev == (element) &&	\
	    (LIST_NEXT(element, link) == 0 ||	\
	    LIST_NEXT(element, link)->link.le_prev == &LIST_NEXT(element, link)),	\
	    "LIST_REMOVE", element);	\
	if (LIST_NEXT(element, link) != 0)	\
		LIST_NEXT(element, link)->link.le_prev = (element)->link.le_prev;	\
	*(element)->link.le_prev = LIST_NEXT(element, link);	\
	__QUEUE_TRASH((element)->link.le_next);	\
	__QUEUE_TRASH((element)->link.le_prev);	\
} while (0)
#define LIST_REPLACE(element, other, link)	do {	\
	if ((LIST_NEXT(other, link) = LIST_NEXT(element, link)) != 0)	\
		LIST_NEXT(other, link)->link.le_prev = &LIST_NEXT(other, link);	\
	(other)->link.le_prev = (element)->link.le_prev;	\
	*(other)->link.le_prev = (other);	\
	__QUEUE_TRASH((element)->link.le_next);	\
	__QUEUE_TRASH((element)->link.le_prev);	\
} while (0)
#define LIST_MOVE(from, to, link)	do {	\
	if ((LIST_FIRST(to) = LIST_FIRST(from)) != 0)	\
		LIST_FIRST(to)->link.le_prev = &LIST_FIRST(to);	\
	LIST_INIT(from);	\
} while (0)

/* Singly linked tail queue, under its two names. */
#define SIMPLEQ_HEAD(name, type)	\
	struct name { struct type *sqh_first; struct type **sqh_last; }
#define SIMPLEQ_HEAD_INITIALIZER(head)	{ 0, &(head).sqh_first }
#define SIMPLEQ_ENTRY(type)		struct { struct type *sqe_next; }

#define SIMPLEQ_FIRST(head)		((head)->sqh_first)
#define SIMPLEQ_END(head)		0
#define SIMPLEQ_EMPTY(head)		(SIMPLEQ_FIRST(head) == 0)
#define SIMPLEQ_NEXT(element, link)	((element)->link.sqe_next)
#define SIMPLEQ_LAST(head, type, link)	\
	(SIMPLEQ_EMPTY(head) ? 0 : __containerof((head)->sqh_last, struct type, link.sqe_next))

#define SIMPLEQ_FOREACH(var, head, link)	\
	for ((var) = SIMPLEQ_FIRST(head); (var) != 0; (var) = SIMPLEQ_NEXT(var, link))
#define SIMPLEQ_FOREACH_SAFE(var, head, link, next)	\
	for ((var) = SIMPLEQ_FIRST(head);	\
	    (var) != 0 && ((next) = SIMPLEQ_NEXT(var, link), 1); (var) = (next))

#define SIMPLEQ_INIT(head)	do {	\
	SIMPLEQ_FIRST(head) = 0;	\
	(head)->sqh_last = &SIMPLEQ_FIRST(head);	\
} while (0)
#define SIMPLEQ_INSERT_HEAD(head, element, link)	do {	\
	if ((SIMPLEQ_NEXT(element, link) = SIMPLEQ_FIRST(head)) == 0)	\
		(head)->sqh_last = &SIMPLEQ_NEXT(element, link);	\
	SIMPLEQ_FIRST(head) = (element);	\
} while (0)
#define SIMPLEQ_INSERT_TAIL(head, element, link)	do {	\
	SIMPLEQ_NEXT(element, link) = 0;	\
	*(head)->sqh_last = (element);	\
	(head)->sqh_last = &SIMPLEQ_NEXT(element, link);	\
} while (0)
#define SIMPLEQ_INSERT_AFTER(head, where, element, link)	do {	\
	if ((SIMPLEQ_NEXT(element, link) = SIMPLEQ_NEXT(where, link)) == 0)	\
		(head)->sqh_last = &SIMPLEQ_NEXT(element, link);	\
	SIMPLEQ_NEXT(where, link) = (element);	\
} while (0)
#define SIMPLEQ_REMOVE_HEAD(head, link)	do {	\
	if ((SIMPLEQ_FIRST(head) = SIMPLEQ_NEXT(SIMPLEQ_FIRST(head), link)) == 0)	\
		(head)->sqh_last = &SIMPLEQ_FIRST(head);	\
} while (0)
#define SIMPLEQ_REMOVE_AFTER(head, where, link)	do {	\
	if ((SIMPLEQ_NEXT(where, link) =	\
	    SIMPLEQ_NEXT(SIMPLEQ_NEXT(where, link), link)) == 0)	\
		(head)->sqh_last = &SIMPLEQ_NEXT(where, link);	\
} while (0)
#define SIMPLEQ_REMOVE(head, element, type, link)	do {	\
	struct type **__at = &SIMPLEQ_FIRST(head);	\
	while (*__at != (element))	\
		__at = &SIMPLEQ_NEXT(*__at, link);	\
	if ((*__at = SIMPLEQ_NEXT(*__at, link)) == 0)	\
		(head)->sqh_last = __at;	\
} while (0)
#define SIMPLEQ_CONCAT(to, from)	do {	\
	if (!SIMPLEQ_EMPTY(from)) {	\
		*(to)->sqh_last = SIMPLEQ_FIRST(from);	\
		(to)->sqh_last = (from)->sqh_last;	\
		SIMPLEQ_INIT(from);	\
	}	\
} while (0)

#define STAILQ_HEAD(name, type)	\
	struct name { struct type *stqh_first; struct type **stqh_last; }
#define STAILQ_HEAD_INITIALIZER(head)	{ 0, &(head).stqh_first }
#define STAILQ_ENTRY(type)		struct { struct type *stqe_next; }

#define STAILQ_FIRST(head)		((head)->stqh_first)
#define STAILQ_END(head)		0
#define STAILQ_EMPTY(head)		(STAILQ_FIRST(head) == 0)
#define STAILQ_NEXT(element, link)	((element)->link.stqe_next)
#define STAILQ_LAST(head, type, link)	\
	(STAILQ_EMPTY(head) ? 0 : __containerof((head)->stqh_last, struct type, link.stqe_next))

#define STAILQ_FOREACH(var, head, link)	\
	for ((var) = STAILQ_FIRST(head); (var) != 0; (var) = STAILQ_NEXT(var, link))
#define STAILQ_FOREACH_SAFE(var, head, link, next)	\
	for ((var) = STAILQ_FIRST(head);	\
	    (var) != 0 && ((next) = STAILQ_NEXT(var, link), 1); (var) = (next))

#define STAILQ_INIT(head)	do {	\
	STAILQ_FIRST(head) = 0;	\
	(head)->stqh_last = &STAILQ_FIRST(head);	\
} while (0)
#define STAILQ_INSERT_HEAD(head, element, link)	do {	\
	if ((STAILQ_NEXT(element, link) = STAILQ_FIRST(head)) == 0)	\
		(head)->stqh_last = &STAILQ_NEXT(element, link);	\
	STAILQ_FIRST(head) = (element);	\
} while (0)
#define STAILQ_INSERT_TAIL(head, element, link)	do {	\
	STAILQ_NEXT(element, link) = 0;	\
	*(head)->stqh_last = (element);	\
	(head)->stqh_last = &STAILQ_NEXT(element, link);	\
} while (0)
#define STAILQ_INSERT_AFTER(head, where, element, link)	do {	\
	if ((STAILQ_NEXT(element, link) = STAILQ_NEXT(where, link)) == 0)	\
		(head)->stqh_last = &STAILQ_NEXT(element, link);	\
	STAILQ_NEXT(where, link) = (element);	\
} while (0)
#define STAILQ_REMOVE_HEAD(head, link)	do {	\
	if ((STAILQ_FIRST(head) = STAILQ_NEXT(STAILQ_FIRST(head), link)) == 0)	\
		(head)->stqh_last = &STAILQ_FIRST(head);	\
} while (0)
#define STAILQ_REMOVE(head, element, type, link)	do {	\
	struct type **__at = &STAILQ_FIRST(head);	\
	while (*__at != (element))	\
		__at = &STAILQ_NEXT(*__at, link);	\
	if ((*__at = STAILQ_NEXT(*__at, link)) == 0)	\
		(head)->stqh_last = __at;	\
} while (0)
#define STAILQ_CONCAT(to, from)	do {	\
	if (!STAILQ_EMPTY(from)) {	\
		*(to)->stqh_last = STAILQ_FIRST(from);	\
		(to)->stqh_last = (from)->stqh_last;	\
		STAILQ_INIT(from);	\
	}	\
} while (0)

/* Doubly linked tail queue. */
#define _TAILQ_HEAD(name, type, qual)	\
	struct name { qual type *tqh_first; qual type *qual *tqh_last; }
#define TAILQ_HEAD(name, type)		_TAILQ_HEAD(name, struct type,)
#define TAILQ_HEAD_INITIALIZER(head)	{ 0, &(head).tqh_first }
#define _TAILQ_ENTRY(type, qual)	\
	struct { qual type *tqe_next; qual type *qual *tqe_prev; }
#define TAILQ_ENTRY(type)		_TAILQ_ENTRY(struct type,)

#define TAILQ_FIRST(head)		((head)->tqh_first)
#define TAILQ_END(head)			0
#define TAILQ_EMPTY(head)		(TAILQ_FIRST(head) == 0)
#define TAILQ_NEXT(element, link)	((element)->link.tqe_next)
/* A link and a head are laid out alike: the last pointer of the one before is its own link. */
#define TAILQ_LAST(head, headname)	(*((struct headname *)(void *)((head)->tqh_last))->tqh_last)
#define TAILQ_PREV(element, headname, link)	\
	(*((struct headname *)(void *)((element)->link.tqe_prev))->tqh_last)

#define TAILQ_FOREACH(var, head, link)	\
	for ((var) = TAILQ_FIRST(head); (var) != 0; (var) = TAILQ_NEXT(var, link))
#define TAILQ_FOREACH_SAFE(var, head, link, next)	\
	for ((var) = TAILQ_FIRST(head);	\
	    (var) != 0 && ((next) = TAILQ_NEXT(var, link), 1); (var) = (next))
#define TAILQ_FOREACH_REVERSE(var, head, headname, link)	\
	for ((var) = TAILQ_LAST(head, headname); (var) != 0;	\
	    (var) = TAILQ_PREV(var, headname, link))
#define TAILQ_FOREACH_REVERSE_SAFE(var, head, headname, link, prev)	\
	for ((var) = TAILQ_LAST(head, headname);	\
	    (var) != 0 && ((prev) = TAILQ_PREV(var, headname, link), 1); (var) = (prev))

#define TAILQ_INIT(head)	do {	\
	TAILQ_FIRST(head) = 0;	\
	(head)->tqh_last = &TAILQ_FIRST(head);	\
} while (0)
#define TAILQ_INSERT_HEAD(head, element, link)	do {	\
	__QUEUE_CHECK(TAILQ_EMPTY(head) ||	\
	    TAILQ_FIRST(head)->link.tqe_prev == &TAILQ_FIRST(head), "TAILQ_INSERT_HEAD", head); \
	if ((TAILQ_NEXT(element, link) = TAILQ_FIRST(head)) != 0)	\
		TAILQ_FIRST(head)->link.tqe_prev = &TAILQ_NEXT(element, link);	\
	else	\
		(head)->tqh_last = &TAILQ_NEXT(element, link);	\
	TAILQ_FIRST(head) = (element);	\
	(element)->link.tqe_prev = &TAILQ_FIRST(head);	\
} while (0)
#define TAILQ_INSERT_TAIL(head, element, link)	do {	\
	__QUEUE_CHECK(*(head)->tqh_last == 0, "TAILQ_INSERT_TAIL", head);	\
	TAILQ_NEXT(element, link) = 0;	\
	(element)->link.tqe_prev = (head)->tqh_last;	\
	*(head)->tqh_last = (element);	\
	(head)->tqh_last = &TAILQ_NEXT(element, link);	\
} while (0)
#define TAILQ_INSERT_AFTER(head, where, element, link)	do {	\
	if ((TAILQ_NEXT(element, link) = TAILQ_NEXT(where, link)) != 0)	\
		TAILQ_NEXT(element, link)->link.tqe_prev = &TAILQ_NEXT(element, link);	\
	else	\
		(head)->tqh_last = &TAILQ_NEXT(element, link);	\
	TAILQ_NEXT(where, link) = (element);	\
	(element)->link.tqe_prev = &TAILQ_NEXT(where, link);	\
} while (0)
#define TAILQ_INSERT_BEFORE(where, element, link)	do {	\
	(element)->link.tqe_prev = (where)->link.tqe_prev;	\
	TAILQ_NEXT(element, link) = (where);	\
	*(where)->link.tqe_prev = (element);	\
	(where)->link.tqe_prev = &TAILQ_NEXT(element, link);	\
} while (0)
#define TAILQ_REMOVE(head, element, link)	do {	\
	__QUEUE_CHECK(*(element)->link.tqe_prev == (element) &&	\
	    (TAILQ_NEXT(element, link) == 0 ||	\
	    TAILQ_NEXT(element, link)->link.tqe_prev == &TAILQ_NEXT(element, link)),	\
	    "TAILQ_REMOVE", element);	\
	if (TAILQ_NEXT(element, link) != 0)	\
		TAILQ_NEXT(element, link)->link.tqe_prev = (element)->link.tqe_prev;	\
	else	\
		(head)->tqh_last = (element)->link.tqe_prev;	\
	*(element)->link.tqe_prev = TAILQ_NEXT(element, link);	\
	__QUEUE_TRASH((element)->link.tqe_next);	\
	__QUEUE_TRASH((element)->link.tqe_prev);	\
} while (0)
#define TAILQ_REPLACE(head, element, other, link)	do {	\
	if ((TAILQ_NEXT(other, link) = TAILQ_NEXT(element, link)) != 0)	\
		TAILQ_NEXT(other, link)->link.tqe_prev = &TAILQ_NEXT(other, link);	\
	else	\
		(head)->tqh_last = &TAILQ_NEXT(other, link);	\
	(other)->link.tqe_prev = (element)->link.tqe_prev;	\
	*(other)->link.tqe_prev = (other);	\
	__QUEUE_TRASH((element)->link.tqe_next);	\
	__QUEUE_TRASH((element)->link.tqe_prev);	\
} while (0)
#define TAILQ_CONCAT(to, from, link)	do {	\
	if (!TAILQ_EMPTY(from)) {	\
		*(to)->tqh_last = TAILQ_FIRST(from);	\
		TAILQ_FIRST(from)->link.tqe_prev = (to)->tqh_last;	\
		(to)->tqh_last = (from)->tqh_last;	\
		TAILQ_INIT(from);	\
	}	\
} while (0)

#endif /* !_NETBSD_SYS_QUEUE_H_ */
