/* The supervisors of the fuzzer's world: trees of its actors, and calls to whoever may be one. */
#include "world.h"

enum { children_most = 4, ids = 5 };

static const char *const names[ids] = {"a", "b", "c", "d", ""};

/* One description is under construction at a time: its copy is the supervisor's. */
typedef struct tree {
    spawned_supervisor self;
    spawned_child children[children_most];
    const spawned_child *list[children_most];
} tree;

static void end_argument(void *argument) { --*(int64_t *)argument; }

static const char *any_id(void) { return names[fuzz_below(ids)]; }

static spawned_child any_child(const spawned_supervisor *below, int64_t *arguments) {
    spawned_child child;
    FUZZ_OK(spawned_child_init(&child, sizeof child, NULL));
    child.id = any_id();
    const uint8_t shape = fuzz_byte();
    if (below != NULL) {
        child.supervisor = below;
    } else {
        child.behavior = world_any_behavior();
        child.argument = &world.sources;
        child.destroy = end_argument;
        ++*arguments;
    }
    child.restart = shape % 4; /* 3 is none */
    if ((shape & 0x30) == 0x30) child.flags = fuzz_below(4);
    if (child.flags != SPAWNED_CHILD_KILL && (shape & 0x40) != 0) child.shutdown = world_time();
    if ((shape & 0x80) != 0) child.id = NULL;
    return child;
}

static void describe(tree *made, const spawned_supervisor *below, int64_t *arguments) {
    const uint8_t shape = fuzz_byte();
    FUZZ_OK(spawned_supervisor_init(&made->self, sizeof made->self, "tree"));
    made->self.strategy = shape % 5; /* 4 is none */
    made->self.auto_shutdown = (shape >> 4) % 4;
    made->self.intensity = shape >= 0xc0 ? SPAWNED_NO_RESTARTS : fuzz_below(4);
    if ((shape & 8) != 0) made->self.backoff = world_time();
    if (made->self.strategy == SPAWNED_DYNAMIC) {
        made->self.children_max = fuzz_below(4);
        return;
    }
    made->self.children = made->list;
    while (made->self.child_count < children_most && fuzz_below(4) != 0) {
        const size_t place = made->self.child_count++;
        made->children[place] = any_child(fuzz_below(4) == 0 ? below : NULL, arguments);
        if (fuzz_below(16) != 15) made->children[place].id = names[place];
        made->list[place] = &made->children[place];
    }
}

static void start(void) {
    tree below, top;
    int64_t arguments = 0;
    spawned_pid pid = 0;
    char why[64];
    describe(&below, NULL, &arguments);
    const int64_t of_below = arguments;
    describe(&top, &below.self, &arguments);
    uint32_t uses = 0; /* of the one below: each has its arguments */
    for (size_t i = 0; i < top.self.child_count; ++i) uses += top.children[i].supervisor != NULL;
    arguments += of_below * ((int64_t)uses - 1);
    const spawned_status right = spawned_supervisor_check(&top.self, why, sizeof why);
    FUZZ_CHECK((right == SPAWNED_OK) == (why[0] == 0));
    world.sources += arguments;
    const spawned_status status = spawned_supervisor_start(world.runtime, &top.self, NULL, &pid);
    FUZZ_CHECK(right == SPAWNED_OK || status == SPAWNED_EINVAL);
    if (status == SPAWNED_EINVAL) world.sources -= arguments;
    if (pid != 0) world_keep(pid);
}

static void add_child(spawned_pid supervisor) {
    int64_t arguments = 0;
    spawned_response *response = NULL;
    spawned_pid pid = 0;
    const spawned_child child = any_child(NULL, &arguments);
    world.sources += arguments;
    spawned_status status;
    if (fuzz_below(2) == 0) {
        status = spawned_supervisor_start_child(supervisor, &child, world_time(), &pid);
        if (status == SPAWNED_OK) world_keep(pid);
    } else {
        status =
            spawned_supervisor_start_child_response(supervisor, &child, world_time(), &response);
        FUZZ_CHECK(response != NULL);
        world_keep_response(response);
    }
    if (status == SPAWNED_EINVAL) world.sources -= arguments;
}

static void ask(spawned_pid supervisor) {
    const char *id = any_id();
    const spawned_duration time = world_time();
    spawned_response *response = NULL;
    spawned_child_info info[2] = {SPAWNED_CHILD_INFO_INIT, SPAWNED_CHILD_INFO_INIT};
    size_t count = 0;
    spawned_pid pid = 0;
    switch (fuzz_below(12)) {
        case 0:
            (void)spawned_supervisor_stop_child(supervisor, id, SPAWNED_ZERO_TERMINATED, time);
            break;
        case 1:
            (void)spawned_supervisor_stop_pid(supervisor, world_any_number(), time);
            break;
        case 2:
            if (spawned_supervisor_restart_child(supervisor, id, 1, time, &pid) == SPAWNED_OK)
                world_keep(pid);
            break;
        case 3:
            (void)spawned_supervisor_delete_child(supervisor, id, 1, time);
            break;
        case 4:
            if (spawned_supervisor_child(supervisor, id, 1, time, info) == SPAWNED_OK)
                world_keep(info->pid);
            break;
        case 5:
            if (spawned_supervisor_children(supervisor, time, info, sizeof *info, 2, &count) ==
                SPAWNED_OK)
                for (size_t i = 0; i < count && i < 2; ++i) world_keep(info[i].pid);
            break;
        case 6:
            (void)spawned_supervisor_stop_child_response(supervisor, id, 1, time, &response);
            world_keep_response(response);
            break;
        case 7:
            (void)spawned_supervisor_stop_pid_response(supervisor, world_any_number(), time,
                                                       &response);
            world_keep_response(response);
            break;
        case 8:
            (void)spawned_supervisor_child_response(supervisor, id, 1, time, &response);
            world_keep_response(response);
            break;
        case 9:
            (void)spawned_supervisor_children_response(supervisor, time, &response);
            world_keep_response(response);
            break;
        case 10:
            (void)spawned_supervisor_delete_child_response(supervisor, id, 1, time, &response);
            world_keep_response(response);
            break;
        default:
            (void)spawned_supervisor_restart_child_response(supervisor, id, 1, time, &response);
            world_keep_response(response);
            break;
    }
}

void world_supervise(void) {
    switch (fuzz_below(8)) {
        case 0:
        case 1:
            start();
            break;
        case 2:
        case 3:
            add_child(world_any_number());
            break;
        default:
            ask(world_any_number());
            break;
    }
}
