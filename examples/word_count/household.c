/* Who starts whom, who is started anew, and who is told when it cannot go on: the supervisors. */
#include <stdio.h>

#include "word_count.h"

void name_reader(size_t lane, char *id) {
    (void)snprintf(id, READER_ID, "reader %u", (unsigned)lane + 1);
}

spawned_status household_start(spawned_runtime *runtime, settings *s, spawned_pid *out_tree) {
    const spawned_actor_options blocking = {.size = sizeof blocking,
                                            .backend = SPAWNED_BACKEND_BLOCKING};
    const spawned_actor_options bounded = {.size = sizeof bounded,
                                           .overflow = SPAWNED_OVERFLOW_BLOCK,
                                           .capacity = TALLIES_WAITING,
                                           .name = TOTALS_NAME};
    const spawned_actor_options named = {.size = sizeof named, .name = READERS_NAME};

    char ids[LANES][READER_ID];
    spawned_child readers[LANES];
    const spawned_child *in_order[LANES];
    for (size_t i = 0; i < LANES; i++) {
        name_reader(i, ids[i]);
        readers[i] =
            (spawned_child){SPAWNED_CHILD_INIT(ids[i]), .behavior = &reader, .options = &blocking};
        in_order[i] = &readers[i];
    }
    /* As often as files are bad: more often than ten times in a microsecond is not the files' fault. */
    const spawned_supervisor all_readers = {SPAWNED_SUPERVISOR_INIT("readers"), .intensity = 10000,
                                            .period = SPAWNED_MILLISECOND,
                                            SPAWNED_CHILDREN(in_order)};

    const spawned_child totals_child = {SPAWNED_CHILD_INIT("totals"), .behavior = &totals,
                                        .options = &bounded, .argument = s};
    const spawned_child readers_child = {SPAWNED_CHILD_INIT("readers"), .supervisor = &all_readers,
                                         .options = &named};
    const spawned_child walker_child = {SPAWNED_CHILD_INIT("walker"), .behavior = &walker,
                                        .options = &blocking, .argument = s,
                                        .restart = SPAWNED_TEMPORARY};
    const spawned_child *const children[] = {&totals_child, &readers_child, &walker_child};
    /* Nothing else is started anew: without the totals there is nothing to tell. */
    const spawned_supervisor tree = {SPAWNED_SUPERVISOR_INIT("word_count"),
                                     .intensity = SPAWNED_NO_RESTARTS, SPAWNED_CHILDREN(children)};
    return spawned_supervisor_start(runtime, &tree, NULL, out_tree);
}

spawned_status household_find(spawned_pid supervisor, const char *id, spawned_pid *out_pid) {
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    const spawned_status status =
        spawned_supervisor_child(supervisor, id, SPAWNED_ZERO_TERMINATED, SPAWNED_DEFAULT, &info);
    *out_pid = info.pid;
    return status == SPAWNED_OK && info.pid == 0 ? SPAWNED_ESTOPPED : status;
}

spawned_status household_restarts(spawned_pid tree, uint64_t *out_restarts) {
    spawned_child_info readers[LANES];
    spawned_pid supervisor = 0;
    size_t count = 0;
    spawned_status status = household_find(tree, "readers", &supervisor);
    if (status == SPAWNED_OK)
        status = spawned_supervisor_children(supervisor, SPAWNED_DEFAULT, readers,
                                             sizeof readers[0], LANES, &count);
    *out_restarts = 0;
    for (size_t i = 0; status == SPAWNED_OK && i < count; i++) *out_restarts += readers[i].restarts;
    return status;
}
