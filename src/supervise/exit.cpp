#include "supervise/exit.hpp"

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/exit_signal.hpp"
#include "actor/lifecycle.hpp"
#include "supervise/ended_message.hpp"

namespace spawned::engine {

spawned_status signal_exit(thread& self, core& home, actor& a, spawned_pid to,
                           const ended_actor& said, spawned_pid linked_to) {
    auxiliary& aux = *a.aux.load_acquire();
    exit_record reason;
    reason.kind = said.exit.kind;
    reason.code = said.exit.code;
    reason.failure = new_text(home, said.text, said.exit.text_length);
    if (reason.failure == nullptr && said.exit.text_length != 0 && linked_to == 0)
        return SPAWNED_ENOMEM;  // a link brings the reason without its text
    const received got = receive_exit(a, aux, to, reason, said.pid == to, linked_to);
    if (got.how == reception::ends) {
        call_for_exit(self, home, a, to);
        return SPAWNED_OK;
    }
    free_text(home, reason.failure);
    if (got.how == reception::ignored) return SPAWNED_OK;
    message* m = got.spare != nullptr ? got.spare : new_ended_message(self, home, to, got.type, {});
    if (m == nullptr) return SPAWNED_ENOMEM;
    m->type = got.type;
    write_told(ended_in(*m), said);
    deliver_reserved(self, home, *m);
    return SPAWNED_OK;
}

spawned_status send_exit(core& home, spawned_pid pid, const spawned_exit& exit, const char* words,
                         size_t length) {
    thread* self = current_thread(home);
    actor* a = actor_of(home, pid);
    if (a == nullptr) {
        const spawned_status why = why_absent(pid);
        return why == SPAWNED_ESTOPPED ? SPAWNED_OK : why;
    }
    if (self == nullptr || auxiliary_of(home, *a) == nullptr) return SPAWNED_ENOMEM;
    text* kept = new_text(home, words, length);
    if (kept == nullptr && length != 0) return SPAWNED_ENOMEM;
    ended_actor said = {self->top != nullptr ? self->top->self->pid.load_relaxed() : 0, exit,
                        kept != nullptr ? kept->bytes : ""};
    said.exit.text_length = kept != nullptr ? kept->length : 0;
    const spawned_status status = signal_exit(*self, home, *a, pid, said, 0);
    free_text(home, kept);
    return status;
}

spawned_status trap_exits(thread& self, core& home, const spawned_message_type* type) {
    actor& a = *self.top->self;
    const spawned_pid pid = a.pid.load_relaxed();
    auxiliary* aux = type == nullptr ? a.aux.load_acquire() : auxiliary_of(home, a);
    if (aux == nullptr) return type == nullptr ? SPAWNED_OK : SPAWNED_ENOMEM;
    message* made = nullptr;
    while (uint32_t missing = set_trap(*aux, type, made)) {
        for (made = nullptr; missing != 0; --missing) {
            message* m = new_ended_message(self, home, pid, nullptr, {});
            if (m == nullptr) {
                (void)set_trap(*aux, nullptr, made);
                return SPAWNED_ENOMEM;
            }
            m->next.store_relaxed(made);
            made = m;
        }
    }
    return SPAWNED_OK;
}

}  // namespace spawned::engine
