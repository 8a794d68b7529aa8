/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Balanced trees of nodes that their owner embeds (rbtree(3)).  Nothing here
 * allocates or locks.
 */
#ifndef _NETBSD_SYS_RBTREE_H_
#define _NETBSD_SYS_RBTREE_H_

#include "types.h"

typedef struct rb_node {
	struct rb_node	*rb_nodes[2];	/* smaller, greater */
	uintptr_t	rb_info;
} rb_node_t;

#define RB_DIR_LEFT	0
#define RB_DIR_RIGHT	1
#define RB_DIR_OTHER	1

/* Negative, 0 or positive as the first is smaller, equal or greater. */
typedef signed int (*rbto_compare_nodes_fn)(void *, const void *, const void *);
typedef signed int (*rbto_compare_key_fn)(void *, const void *, const void *);

typedef struct {
	rbto_compare_nodes_fn	rbto_compare_nodes;
	rbto_compare_key_fn	rbto_compare_key;
	size_t			rbto_node_offset;	/* of the rb_node_t */
	void			*rbto_context;
} rb_tree_ops_t;

typedef struct rb_tree {
	struct rb_node		*rbt_root;
	const rb_tree_ops_t	*rbt_ops;
	struct rb_node		*rbt_minmax[2];
	unsigned int		rbt_count;
} rb_tree_t;

__BEGIN_DECLS
void	__KERNEL_NAME(rb_tree_init)(rb_tree_t *, const rb_tree_ops_t *)
	    __KERNEL_LINK(rb_tree_init);
/* The node itself, or the equal one that is there already. */
void	*__KERNEL_NAME(rb_tree_insert_node)(rb_tree_t *, void *)
	    __KERNEL_LINK(rb_tree_insert_node);
void	__KERNEL_NAME(rb_tree_remove_node)(rb_tree_t *, void *)
	    __KERNEL_LINK(rb_tree_remove_node);
/* Null where there is none. */
void	*__KERNEL_NAME(rb_tree_find_node)(rb_tree_t *, const void *)
	    __KERNEL_LINK(rb_tree_find_node);
void	*__KERNEL_NAME(rb_tree_find_node_geq)(rb_tree_t *, const void *)
	    __KERNEL_LINK(rb_tree_find_node_geq);
void	*__KERNEL_NAME(rb_tree_find_node_leq)(rb_tree_t *, const void *)
	    __KERNEL_LINK(rb_tree_find_node_leq);
/* The neighbour; of no node: the first in that direction. */
void	*__KERNEL_NAME(rb_tree_iterate)(rb_tree_t *, void *, const unsigned int)
	    __KERNEL_LINK(rb_tree_iterate);
size_t	__KERNEL_NAME(rb_tree_count)(rb_tree_t *)
	    __KERNEL_LINK(rb_tree_count);
__END_DECLS

#define RB_TREE_MIN(tree)		__KERNEL_NAME(rb_tree_iterate)((tree), NULL, RB_DIR_LEFT)
#define RB_TREE_MAX(tree)		__KERNEL_NAME(rb_tree_iterate)((tree), NULL, RB_DIR_RIGHT)
#define RB_TREE_NEXT(tree, node)	__KERNEL_NAME(rb_tree_iterate)((tree), (node), RB_DIR_RIGHT)
#define RB_TREE_PREV(tree, node)	__KERNEL_NAME(rb_tree_iterate)((tree), (node), RB_DIR_LEFT)
#define RB_TREE_FOREACH(node, tree)	\
	for ((node) = RB_TREE_MIN(tree); (node) != NULL; (node) = RB_TREE_NEXT(tree, node))
#define RB_TREE_FOREACH_SAFE(node, tree, next)	\
	for ((node) = RB_TREE_MIN(tree);	\
	    (node) != NULL && ((next) = RB_TREE_NEXT(tree, node), 1); (node) = (next))
#define RB_TREE_FOREACH_REVERSE(node, tree)	\
	for ((node) = RB_TREE_MAX(tree); (node) != NULL; (node) = RB_TREE_PREV(tree, node))

#endif /* !_NETBSD_SYS_RBTREE_H_ */
