/* Who ends because of whom in the fuzzer's world: monitors, links, exit signals. */
#include "world.h"

const spawned_message_type fuzz_ended_type = SPAWNED_MESSAGE_TYPE("fuzz.ended", spawned_ended);

/* One that may tell of an end; now and then one that may not. */
static const spawned_message_type *any_telling_type(void) {
    return fuzz_below(16) == 15 ? world_any_type() : &fuzz_ended_type;
}

static void signal_exit(void) {
    spawned_exit exit = SPAWNED_EXIT_INIT;
    exit.kind = (spawned_exit_kind)(fuzz_byte() % 7);
    exit.code = (int32_t)(fuzz_byte() % 3) - 1;
    const char *text = fuzz_below(2) == 0 ? NULL : "of a signal";
    (void)spawned_actor_exit(world_any_number(), &exit, text, text != NULL ? fuzz_below(12) : 0);
}

void world_bind_ends(spawned_context *context) {
    const uint64_t one = world_any_number(), other = world_any_number();
    spawned_event monitor = 0;
    switch (fuzz_below(8)) {
        case 0:
        case 1:
            if (spawned_monitor(one, other, any_telling_type(), fuzz_byte(), &monitor) ==
                SPAWNED_OK)
                world_keep(monitor);
            break;
        case 2:
        case 3:
            (void)spawned_link(one, other);
            break;
        case 4:
            (void)spawned_unlink(one, other);
            break;
        case 5:
            (void)spawned_context_trap_exits(context,
                                             fuzz_below(4) == 0 ? NULL : any_telling_type());
            break;
        case 6:
            (void)spawned_context_forget_monitor(context, one);
            break;
        default:
            signal_exit();
            break;
    }
}
