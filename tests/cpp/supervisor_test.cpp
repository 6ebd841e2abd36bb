// Trees of supervisors: declared, started, healed, asked at run time.
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::ChildState;
using spawned::Restart;
using spawned::Strategy;
using spawned::SupervisorRef;

struct Get {
    using Reply = std::string;
};
struct Crash {};
struct Quit {};

// Writes down its starts and ends: "+a" and "-a".
class Worker : public spawned::Actor<Worker, Get, Crash, Quit> {
public:
    Worker(std::vector<std::string> &journal, std::string words)
        : journal_(journal), words_(std::move(words)) {
        if (words_ == "broken") throw std::runtime_error("cannot work");
    }
    void started(Context &) { journal_.push_back("+" + words_); }
    void stopped(Context &) { journal_.push_back("-" + words_); }
    std::string handle(Get, Context &) { return std::exchange(words_, "used up"); }
    void handle(Crash, Context &) { throw std::runtime_error("on fire"); }
    void handle(Quit, Context &context) { context.stop(); }

private:
    std::vector<std::string> &journal_;
    std::string words_;
};

struct Open {
    using Reply = std::string;
    std::string words;
};

// Starts children of a supervisor, and awaits that.
class Opener : public spawned::Actor<Opener, Open> {
public:
    Opener(std::vector<std::string> &journal, SupervisorRef pool)
        : journal_(journal), pool_(pool) {}

    Task<std::string> handle(Open open, Context &) {
        auto worker =
            co_await pool_.start_child(spawned::child<Worker>({}, std::ref(journal_), open.words));
        if (worker.is_err()) co_return "refused: " + std::string(worker.error().text());
        auto words = co_await worker->request(Get());
        (co_await pool_.stop_child(*worker)).unwrap();
        co_return *words;
    }

private:
    std::vector<std::string> &journal_;
    SupervisorRef pool_;
};

struct Survey {
    using Reply = std::string;
};
struct Weed {
    using Reply = std::string;
};

// Asks a supervisor for its children without holding its thread, which is the only one.
class Gardener : public spawned::Actor<Gardener, Survey, Weed> {
public:
    explicit Gardener(SupervisorRef tree) : tree_(tree) {}

    Task<std::string> handle(Survey, Context &) {
        std::string found;
        for (const auto &one : (co_await tree_.children()).value()) found += one.id + ' ';
        auto worker = co_await tree_.child<Worker>("a");
        found += (co_await worker->request(Get())).unwrap();
        auto inner = (co_await tree_.supervisor("inner")).unwrap();
        auto [b, none] = co_await spawned::all(inner.child("b"), inner.child<Worker>("none"));
        found += ' ' + b->id + ' ' + spawned::name(none.error().code());
        co_return found;
    }
    Task<std::string> handle(Weed, Context &) {
        auto refused = co_await tree_.delete_child("a");
        (co_await tree_.stop_child("a")).unwrap();
        (co_await tree_.delete_child("a")).unwrap();
        co_return spawned::name(refused.error().code());
    }

private:
    SupervisorRef tree_;
};

class Trees : public World {
protected:
    using Journal = std::vector<std::string>;
    Journal journal;

    Journal take_journal() { return std::exchange(journal, {}); }
    spawned::ChildOf<Worker> worker(std::string_view id,
                                    const spawned::ChildOptions &options = {}) {
        return spawned::child<Worker>(id, options, std::ref(journal), std::string(id));
    }
};

TEST_F(Trees, StartTheirChildrenInOrderAndEndThemInReverse) {
    auto app = runtime.start(
        spawned::supervisor("app", worker("a"),
                            spawned::supervisor("inner", worker("b"), worker("c")), worker("d")));
    EXPECT_EQ(take_journal(), (Journal{"+a", "+b", "+c", "+d"}));
    EXPECT_EQ(app.stop(), Status::ok);
    EXPECT_EQ(app.join(), Status::ok);
    EXPECT_EQ(take_journal(), (Journal{"-d", "-c", "-b", "-a"}));
}

TEST_F(Trees, TakeChildrenWhoseNumberIsKnownAtRunTimeOnly) {
    std::vector<spawned::Child> many;
    for (const char *id : {"a", "b", "c"}) many.push_back(worker(id));
    auto app = runtime.start(spawned::supervisor("app", {}, std::move(many)));
    EXPECT_EQ(take_journal(), (Journal{"+a", "+b", "+c"}));
    EXPECT_EQ(app.child<Worker>("b").unwrap().request(Get()).unwrap(), "b");
}

TEST_F(Trees, CanBeKeptBeforeTheyAreStarted) {
    std::vector<spawned::Supervisor> kept;
    {
        const std::string id = "an id that is too long to be kept in place", name = "the name of a";
        kept.push_back(spawned::supervisor(id, worker(id, {.name = name})));
    }
    auto app = runtime.start(std::move(kept.back()));
    EXPECT_EQ(app.child("an id that is too long to be kept in place").unwrap().pid,
              *runtime.registry().whereis_pid("the name of a"));
}

TEST_F(Trees, ConstructEveryIncarnationFromCopiesOfTheArguments) {
    auto app = runtime.start(spawned::supervisor("app", worker("a")));
    auto first = app.child<Worker>("a").unwrap();
    EXPECT_EQ(first.request(Get()).unwrap(), "a");
    EXPECT_EQ(first.request(Get()).unwrap(), "used up");
    EXPECT_EQ(first.send(Crash()), Status::ok);
    time.run();
    auto second = app.child<Worker>("a").unwrap();
    EXPECT_NE(second, first);
    EXPECT_EQ(second.request(Get()).unwrap(), "a");
    EXPECT_EQ(app.child("a").unwrap().restarts, 1U);
}

class Holder : public spawned::Actor<Holder, Crash> {
public:
    explicit Holder(Counted) {}
    void handle(Crash, Context &) { throw 1; }
};

TEST_F(Trees, EndTheArgumentsOnceWhateverBecomesOfTheChild) {
    int alive = 0;
    const auto one = [&](std::string_view id) {
        return spawned::child<Holder>(id, Counted(&alive));
    };
    {
        auto unused = spawned::supervisor("unused", one("a"), spawned::supervisor("b", one("c")));
        EXPECT_EQ(alive, 2);
    }
    EXPECT_EQ(alive, 0);
    EXPECT_THROW(runtime.start(spawned::supervisor("twins", one("a"), one("a"))), spawned::Error);
    EXPECT_EQ(alive, 0);
    auto app = runtime.start(spawned::supervisor("app", one("a"), one("b")));
    EXPECT_EQ(alive, 2);
    EXPECT_EQ(app.start_child(one("a")).get().error(), Status::exists);
    EXPECT_EQ(app.start_child(spawned::child<Holder>({}, Counted(&alive))).get().error(),
              Status::unsupported);
    time.run();
    EXPECT_EQ(alive, 2);
    EXPECT_EQ(app.stop(), Status::ok);
    EXPECT_EQ(app.join(), Status::ok);
    time.run();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(app.start_child(one("late")).get().error(), Status::stopped);
    EXPECT_EQ(alive, 0);
}

TEST_F(Trees, AreNotThereWhenAConstructorThrows) {
    try {
        runtime.start(spawned::supervisor("app", worker("a"), worker("broken"), worker("b")));
        FAIL();
    } catch (const spawned::Error &error) {
        EXPECT_EQ(error.code(), Status::failed);
        EXPECT_NE(error.text().find("std::runtime_error: cannot work"), std::string_view::npos)
            << error.what();
    }
    EXPECT_EQ(take_journal(), (Journal{"+a", "-a"}));
}

TEST_F(Trees, TellWhatIsWrongWithTheirDescription) {
    try {
        runtime.start(spawned::supervisor("app", worker("twin"), worker("twin")));
        FAIL();
    } catch (const spawned::Error &error) {
        EXPECT_EQ(error.code(), Status::invalid);
        EXPECT_NE(error.text().find("twin"), std::string_view::npos) << error.what();
    }
    EXPECT_TRUE(journal.empty());
}

TEST_F(Trees, EndWhenTheirIntensityIsExceeded) {
    auto app = runtime.start(spawned::supervisor("app", {.intensity = 0}, worker("a")));
    EXPECT_EQ(app.child<Worker>("a").unwrap().send(Crash()), Status::ok);
    EXPECT_EQ(app.wait_exit().kind(), spawned::ExitKind::shutdown);
}

TEST_F(Trees, FollowTheirStrategyAndTheRestartOfEachChild) {
    auto app = runtime.start(spawned::supervisor("app", {.strategy = Strategy::rest_for_one},
                                                 worker("a"), worker("b"),
                                                 worker("c", {.restart = Restart::transient})));
    (void)take_journal();
    EXPECT_EQ(app.child<Worker>("b").unwrap().send(Crash()), Status::ok);
    time.run();
    EXPECT_EQ(take_journal(), (Journal{"-b", "-c", "+b", "+c"}));
    EXPECT_EQ(app.child<Worker>("c").unwrap().send(Quit()), Status::ok);
    time.run();
    EXPECT_EQ(take_journal(), (Journal{"-c"}));
    EXPECT_EQ(app.child("c").unwrap().state, ChildState::ended);
    EXPECT_EQ(app.child<Worker>("c").get().error(), Status::stopped);
}

TEST_F(Trees, StopRestartAndDeleteAChildById) {
    auto app = runtime.start(spawned::supervisor("app", worker("a"), worker("b")));
    EXPECT_EQ(app.delete_child("a").get().error(), Status::already);
    app.stop_child("a").unwrap();
    EXPECT_EQ(app.child("a").unwrap().state, ChildState::ended);
    EXPECT_EQ(app.restart_child<Worker>("a").unwrap().request(Get()).unwrap(), "a");
    EXPECT_EQ(app.restart_child("a").get().error(), Status::already);
    app.stop_child(app.child<Worker>("a").unwrap()).unwrap();
    app.delete_child("a").unwrap();
    EXPECT_EQ(app.child("a").get().error(), Status::not_found);
    EXPECT_EQ(app.stop_child("a").get().error(), Status::not_found);
    EXPECT_EQ(app.children().unwrap().size(), 1U);
}

TEST_F(Trees, SayThatAChildIsBusyWhileItIsToBeStartedAnew) {
    auto app = runtime.start(spawned::supervisor("app", {.backoff = seconds(1)}, worker("a")));
    EXPECT_EQ(app.child<Worker>("a").unwrap().send(Crash()), Status::ok);
    for (int i = 0; i < 100 && app.child("a").unwrap().state != ChildState::restarting; ++i) {
    }
    EXPECT_EQ(app.restart_child("a").get().error(), Status::busy);
    EXPECT_EQ(app.delete_child("a").get().error(), Status::busy);
}

TEST_F(Trees, ListTheirChildren) {
    auto app =
        runtime.start(spawned::supervisor("app", worker("a", {.restart = Restart::temporary}),
                                          spawned::supervisor("inner")));
    for (int i = 0; i < 20; ++i) app.start_child(worker("more " + std::to_string(i))).unwrap();
    const auto all = app.children().unwrap();
    ASSERT_EQ(all.size(), 22U);
    EXPECT_EQ(all[0].id, "a");
    EXPECT_EQ(all[0].restart, Restart::temporary);
    EXPECT_EQ(all[0].state, ChildState::running);
    EXPECT_TRUE(all[1].is_supervisor);
    EXPECT_EQ(all[21].id, "more 19");
    EXPECT_EQ(app.child<Worker>("more 19").unwrap(), all[21].pid);
}

TEST_F(Trees, GiveTheirInnerSupervisorsById) {
    auto app = runtime.start(spawned::supervisor("app", worker("a"), spawned::supervisor("inner")));
    auto inner = app.supervisor("inner").unwrap();
    EXPECT_EQ(inner.start_child(worker("b")).unwrap().request(Get()).unwrap(), "b");
    EXPECT_EQ(app.supervisor("a").get().error(), Status::wrong_type);
    EXPECT_EQ(app.supervisor("x").get().error(), Status::not_found);
    EXPECT_EQ(app.child<Worker>("inner").get().error(), Status::wrong_type);
    auto deep = app.start_child(spawned::supervisor("deep", worker("c"))).unwrap();
    EXPECT_EQ(deep, app.supervisor("deep").unwrap());
    EXPECT_EQ(deep.child("c").unwrap().state, ChildState::running);
}

TEST_F(Trees, GrowByChildrenThatAHandlerAwaits) {
    auto pool = runtime.start(spawned::supervisor("pool", {.strategy = Strategy::dynamic}));
    auto opener = runtime.start<Opener>(std::ref(journal), pool);
    EXPECT_EQ(opener.request(Open{"a session"}).unwrap(), "a session");
    EXPECT_EQ(take_journal(), (Journal{"+a session", "-used up"}));
    EXPECT_EQ(opener.request(Open{"broken"}).unwrap(), "refused: std::runtime_error: cannot work");
    EXPECT_TRUE(pool.children().unwrap().empty());
}

TEST_F(Trees, AreAskedForTheirChildrenByAHandlerThatAwaits) {
    auto tree = runtime.start(
        spawned::supervisor("tree", worker("a"), spawned::supervisor("inner", worker("b"))));
    auto gardener = runtime.start<Gardener>(tree);
    EXPECT_EQ(gardener.request(Survey()).unwrap(), "a inner a b SPAWNED_ENOENT");
    EXPECT_EQ(gardener.request(Weed()).unwrap(), "SPAWNED_EALREADY");
    EXPECT_EQ(tree.child("a").get().error(), Status::not_found);
}

// What a supervisor tells is no value of C++ until it is read: a group reads it, too.
TEST_F(Trees, AreAskedInTaskGroups) {
    auto tree = runtime.start(spawned::supervisor("tree", worker("a")));
    spawned::TaskGroup<spawned::ActorRef<Worker>> found(runtime);
    found.add(tree.child<Worker>("a"));
    found.add(tree.child<Worker>("b"));
    EXPECT_EQ(found.all().unwrap(), 2U);
    EXPECT_EQ(found.take(0).unwrap().request(Get()).unwrap(), "a");
    EXPECT_EQ(found.take(1).error(), Status::not_found);
}

TEST_F(Trees, AreRefusedByWhoIsNoSupervisor) {
    auto other = runtime.start<Worker>(std::ref(journal), "other");
    const SupervisorRef mistaken(other);
    EXPECT_EQ(mistaken.start_child(worker("a")).get().error(), Status::no_handler);
    EXPECT_EQ(mistaken.child("a").get().error(), Status::no_handler);
    EXPECT_EQ(SupervisorRef().start_child(worker("a")).get().error(), Status::invalid);
    EXPECT_EQ(SupervisorRef().children().get().error(), Status::invalid);
}

}  // namespace
