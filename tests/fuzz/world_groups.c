/* The groups of the fuzzer's world: actors under one name, and tasks with one join. */
#include "world.h"

const spawned_message_type fuzz_changed_type =
    SPAWNED_MESSAGE_TYPE("fuzz.changed", spawned_group_change);

void world_use_groups(void) {
    const char name[2] = {(char)('a' + fuzz_below(3)), 0};
    spawned_pid pids[4];
    size_t count = 0, refused = 0;
    spawned_event subscription = 0;
    fuzz_value value;
    switch (fuzz_below(7)) {
        case 0:
        case 1:
            (void)spawned_group_join(name, 1, world_any_number());
            break;
        case 2:
            (void)spawned_group_leave(name, 1, world_any_number());
            break;
        case 3:
            FUZZ_OK(spawned_group_members(world.runtime, name, 1, pids, 4, &count));
            for (size_t i = 0; i < count && i < 4; ++i) world_keep(pids[i]);
            break;
        case 4:
        case 5:
            value = fuzz_new_value(11);
            (void)spawned_group_broadcast(world.runtime, name, 1, &fuzz_note_type, &value, &count,
                                          &refused);
            FUZZ_CHECK(count != 0 || fuzz_is_ended(&value));
            break;
        default:
            if (spawned_group_subscribe(name, 1, world_any_number(), &fuzz_changed_type,
                                        fuzz_byte(), &subscription) == SPAWNED_OK)
                world_keep(subscription);
            break;
    }
}

static void note_end(void *user_data) { --*(int64_t *)user_data; }

static spawned_status work(void *user_data, void *value) {
    FUZZ_CHECK(*(int64_t *)user_data > 0);
    if (fuzz_below(4) == 0) return spawned_fail(8, "no work", SPAWNED_ZERO_TERMINATED);
    if (value != NULL) *(fuzz_value *)value = fuzz_new_value(12);
    return SPAWNED_OK;
}

/* The message's own value: it is changed where it is. */
static spawned_status change(void *user_data, void *value) {
    FUZZ_CHECK(*(int64_t *)user_data > 0);
    if (fuzz_below(4) == 0) return spawned_fail(8, "no work", SPAWNED_ZERO_TERMINATED);
    ((fuzz_value *)value)->number ^= 1;
    return SPAWNED_OK;
}

static const spawned_message_type *any_result(void) {
    return fuzz_below(4) == 0 ? NULL : &fuzz_answer_type;
}

static void begin_work(void) {
    spawned_response *response = NULL;
    spawned_event event = 0;
    ++world.sources;
    if (fuzz_below(2) == 0) {
        (void)spawned_work_start(world.runtime, any_result(), work, &world.sources, note_end, 0,
                                 world_time(), &response);
        FUZZ_CHECK(response != NULL);
        world_keep_response(response);
        return;
    }
    spawned_message *message = NULL;
    fuzz_value value = fuzz_new_value(13);
    (void)spawned_message_create(world_any_number(), &fuzz_note_type, &value, &message);
    if (message == NULL)
        --world.sources;
    else if (spawned_send_on_work(fuzz_below(8) == 0 ? NULL : change, &world.sources, note_end,
                                  message, &event) == SPAWNED_OK)
        world_keep(event);
}

static void take_value_of(spawned_task_group *group) {
    spawned_response *task = spawned_task_group_response(group, fuzz_below(4));
    void *value = NULL;
    size_t size = 0;
    fuzz_value taken;
    if (task == NULL || spawned_response_value(task, &value, &size) != SPAWNED_OK) return;
    if (size == sizeof taken && spawned_response_take(task, &taken) == SPAWNED_OK)
        fuzz_end_value(&taken, NULL);
}

/* The group is out of everybody's reach meanwhile, as a message is. */
void world_use_tasks(void) {
    spawned_task_group **place = &world.tasks[fuzz_below(objects)];
    spawned_task_group *group = *place;
    spawned_response *response = NULL;
    *place = NULL;
    switch (fuzz_below(8)) {
        case 0:
            begin_work();
            break;
        case 1:
            spawned_task_group_release(group);
            group = NULL;
            break;
        case 2: {
            spawned_response **from = world_response();
            response = *from;
            *from = NULL;
            (void)spawned_task_group_add(group, response);
            break;
        }
        case 3:
        case 4:
            ++world.sources;
            (void)spawned_task_group_start(group, any_result(), work, &world.sources, note_end);
            break;
        case 5:
            (void)spawned_task_group_join(group, fuzz_below(4), world_time(), &response);
            FUZZ_CHECK(response != NULL);
            world_keep_response(response);
            break;
        case 6:
            take_value_of(group);
            world_keep(spawned_task_group_token(group));
            break;
        default:
            spawned_task_group_release(group);
            group = NULL;
            (void)spawned_task_group_create(world.runtime,
                                            fuzz_below(2) == 0 ? 0 : world_any_number(), &group);
            break;
    }
    if (*place == NULL)
        *place = group;
    else
        spawned_task_group_release(group);
}
