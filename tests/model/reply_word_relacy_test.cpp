// The reply word under relacy: an answering side, a message that leaves its mailbox, and an asking side
// that waits, gives up or lets go, in every order. The block is freed once and not used
// afterwards, its value is destroyed once, and no waiter is forgotten.
#include "relacy_parker.hpp"
#include "relacy_runner.hpp"

#include "actor/mailbox.hpp"
#include "actor/reply_word.hpp"

namespace spawned::model {
namespace {

using engine::waiter_kind;

enum class asking { let_go, give_up, wait, wait_with_limit, await, bell, bell_and_let_go };

enum class fault {
    none,
    no_barrier,         // the block is freed while its bell may still be ringing
    park_unregistered,  // the asking thread sleeps although the answer came before its waiter
    free_when_done,     // the asking side frees the block as soon as it is answered
    free_when_left,     // or as soon as the message has left its mailbox
    forgets_given_up    // an outcome that came first is not destroyed on the way out
};

// Waiters stand in the word by address; only what stands there matters here.
inline void* const waiter_address = reinterpret_cast<void*>(uintptr_t{128});

template <asking Way, weakness Weakness = weakness::none, fault Fault = fault::none>
struct reply_test : rl::test_suite<reply_test<Way, Weakness, Fault>, 3> {
    using policy = relacy<Weakness>;
    using word_type = engine::reply_word<policy>;

    struct block {
        word_type word;
        plain<int> value;  // 1 while there is one
        plain<int> status;
        plain<int> ring;
    };

    block* asked = nullptr;
    parker asker;
    engine::suspension<policy> pause;
    relacy<>::atomic<uint32_t> freed;
    relacy<>::atomic<uint32_t> destroyed;
    relacy<>::atomic<uint32_t> rings;
    relacy<>::atomic<uint32_t> resumed;

    void before() {
        asked = make<block>();
        asked->word.reset(0);
    }

    void thread(unsigned index) {
        if (index == 0) return ask();
        if (index == 2) return answering_step(word_type::left);
        asked->value = 1;
        asked->status = 42;
        if ((asked->word.load() & word_type::given_up) != 0) destroy_value();
        const uintptr_t before = asked->word.step(word_type::done);
        free_if_last(before, word_type::done);
        call_waiter(before);
    }

    void after() {
        MODEL_ASSERT(freed.load_relaxed() == 1 && destroyed.load_relaxed() == 1);
        if (Way == asking::await) MODEL_ASSERT(resumed.load_relaxed() == 1);
        if (Way == asking::bell) MODEL_ASSERT(rings.load_relaxed() == 1);
    }

    void call_waiter(uintptr_t before) {
        switch (word_type::kind_of(before)) {
            case waiter_kind::none:
                return;
            case waiter_kind::thread:
                return asker.unpark();
            case waiter_kind::actor:
                MODEL_ASSERT(word_type::waiter_of(before) == waiter_address);
                if (pause.wake()) look_again();
                return;
            case waiter_kind::bell:
                MODEL_ASSERT(asked->ring == 7);
                rings.fetch_add_relaxed(1);
                answering_step(word_type::rung);
                return;
        }
    }

    void ask() {
        switch (Way) {
            case asking::let_go:
                return let_go();
            case asking::give_up:
                if (!asked->word.give_up()) MODEL_ASSERT(asked->status == 42);
                return let_go();
            case asking::wait:
            case asking::wait_with_limit:
                return wait();
            case asking::await:
                return look_again();
            case asking::bell:
            case asking::bell_and_let_go:
                return set_bell();
        }
    }

    void wait() {
        if (asked->word.set_waiter(waiter_kind::thread, waiter_address) ||
            Fault == fault::park_unregistered) {
            while (Fault == fault::park_unregistered ||
                   (asked->word.load() & word_type::done) == 0) {
                if (Way == asking::wait)
                    asker.park();
                else if (!asker.park_for_a_while())
                    break;
                if (Fault == fault::park_unregistered) break;
            }
            (void)asked->word.clear_waiter();
        }
        if (Way == asking::wait || !asked->word.give_up())
            MODEL_ASSERT(asked->status == 42 && asked->value == 1);
        let_go();
    }

    void look_again() {
        for (;;) {
            (void)asked->word.set_waiter(waiter_kind::actor, waiter_address);
            if ((asked->word.load() & word_type::done) != 0) {
                MODEL_ASSERT(asked->status == 42 && asked->value == 1);
                resumed.fetch_add_relaxed(1);
                (void)asked->word.clear_waiter();
                return let_go();
            }
            if (pause.suspend()) return;
        }
    }

    void set_bell() {
        asked->ring = 7;
        if (!asked->word.set_waiter(waiter_kind::bell, nullptr)) {
            MODEL_ASSERT(asked->status == 42);
            rings.fetch_add_relaxed(1);
        }
        if (Way == asking::bell_and_let_go && asked->word.clear_waiter()) asked->ring = 0;
        // With a bell that stays, letting go retracts nothing: it rings when the answer comes.
        if (Way == asking::bell) return asking_step(word_type::released);
        let_go();
    }

    void let_go() {
        const uintptr_t seen = asked->word.load();
        const bool left = (seen & word_type::left) != 0;
        if (Fault == fault::free_when_left ? left : word_type::is_ours_alone(seen))
            return free_block();
        const bool given_up = (seen & word_type::given_up) != 0;
        if (!given_up && !asked->word.give_up()) {
            if (Fault != fault::forgets_given_up) destroy_value();
            if (Fault == fault::free_when_done) return free_block();
        }
        asking_step(word_type::released);
    }

    void asking_step(uintptr_t bits) { free_if_last(asked->word.step(bits), bits); }
    void answering_step(uintptr_t bits) { free_if_last(asked->word.step(bits), bits); }
    void free_if_last(uintptr_t before, uintptr_t added) {
        if (Fault == fault::no_barrier) before &= 31;
        if (word_type::completes(before, added)) free_block();
    }

    void destroy_value() {
        MODEL_ASSERT(asked->value == 1);
        asked->value = 0;
        destroyed.fetch_add_relaxed(1);
    }
    void free_block() {
        block* const last = asked;
        if (last->value == 1 && Fault != fault::forgets_given_up) destroy_value();
        freed.fetch_add_relaxed(1);
        dispose(last);
    }
};

}  // namespace
}  // namespace spawned::model

int main(int count, char** arguments) {
    using namespace spawned::model;
    runner run(count, arguments);
    constexpr unsigned many = 100000;
    run.passes<reply_test<asking::let_go>>("the asking side lets go", many, 5);
    run.passes<reply_test<asking::give_up>>("it gives up", many, 5);
    run.passes<reply_test<asking::wait>>("it waits on a thread", many, 4);
    run.passes<reply_test<asking::wait_with_limit>>("it waits for a limited time", many, 4);
    run.passes<reply_test<asking::await>>("an actor awaits", many, 4);
    run.passes<reply_test<asking::bell>>("a bell", many, 4);
    run.passes<reply_test<asking::bell_and_let_go>>("a bell removed again", many, 4);

    run.catches<reply_test<asking::wait, weakness::release_is_relaxed>>("mutant: no release", many);
    run.catches<reply_test<asking::wait, weakness::acquire_is_relaxed>>("mutant: no acquire", many);
    run.catches<reply_test<asking::bell, weakness::none, fault::no_barrier>>(
        "mutant: freed while the bell rings", many);
    run.catches<reply_test<asking::wait, weakness::none, fault::park_unregistered>>(
        "mutant: asleep without a waiter", many);
    run.catches<reply_test<asking::let_go, weakness::none, fault::free_when_done>>(
        "mutant: freed when answered", many);
    run.catches<reply_test<asking::let_go, weakness::none, fault::free_when_left>>(
        "mutant: freed when left", many);
    run.catches<reply_test<asking::give_up, weakness::none, fault::forgets_given_up>>(
        "mutant: a late value forgotten", many);
    return run.result();
}
