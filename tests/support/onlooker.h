/* An actor that writes down who joins and leaves groups, and ends and numbers among that; beside that it does what its
 * messages say, as a scripted one does. */
#ifndef SPAWNED_TESTS_SUPPORT_ONLOOKER_H
#define SPAWNED_TESTS_SUPPORT_ONLOOKER_H

#include "script.h"

typedef struct onlooker onlooker;

extern const spawned_message_type onlooker_changed_type; /* spawned_group_change */
extern const spawned_message_type onlooker_ended_type;   /* spawned_ended */
/* Handles these, the types of script.h and harness_number_type. */
extern const spawned_behavior onlooker_behavior;

/* Belongs to the program and outlives every runtime. */
onlooker *onlooker_new(harness *h);
/* 0, after saying why, when that fails. options may be NULL. */
spawned_pid onlooker_start(onlooker *own, const spawned_actor_options *options);

size_t onlooker_count(onlooker *own);
/* The index-th change it was told of; zeros when there is none. */
spawned_group_change onlooker_change(onlooker *own, size_t index);
bool onlooker_wait(onlooker *own, size_t count);
/* Its changes, ends and numbers: "+b2 -b1 5 Ea" = pids[1] joined, who is the second then; it left; the number 5; the
 * end of pids[0]. Valid until the next call. */
const char *onlooker_story(onlooker *own, const spawned_pid *pids, size_t count);

/* Follows the changes of one subscription, in order: NULL if everybody joined before leaving, nobody is in twice,
 * and the counts are right; else what is wrong. out_inside: who is in at the end. */
const char *onlooker_fault(onlooker *own, spawned_event subscription, size_t *out_inside);

#endif
