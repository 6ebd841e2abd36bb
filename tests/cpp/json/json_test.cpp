// Protocols in JSON and MessagePack: what is read, what is refused and how that is said; calls by name.
#include "cpp/world.hpp"

#include <spawned/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace json = spawned::json;
using json::Json;
using spawned::Actor;
using spawned::Response;
using spawned::Result;
using test::Status;

struct Point {
    int x = 0, y = 0;
    friend bool operator==(const Point &, const Point &) = default;
};
void to_json(Json &to, const Point &point) { to = Json::array({point.x, point.y}); }
void from_json(const Json &from, Point &point) {
    from.at(0).get_to(point.x);
    from.at(1).get_to(point.y);
}

// clang-format off
SPAWNED_PROTOCOL(Store,
    (Response<std::optional<std::string>>, find,  (key, std::string)),
    (Response<std::uint64_t>,              count),
    (spawned::Status,                      add,   (key, std::string), (value, std::string)),
    (Response<int>,                        fail,  (text, std::string)),
    (Response<std::vector<Point>>,         turn,  (points, std::vector<Point>)),
    (void,                                 clear))
SPAWNED_PROTOCOL(Kinds,
    (void, all, (flag, bool), (tiny, std::int8_t), (large, std::uint64_t), (real, double),
                (text, std::string), (maybe, std::optional<int>), (list, std::vector<std::vector<int>>),
                (map, std::map<std::string, bool>), (where, Point), (who, spawned::Pid),
                (store, Store::Ref)))
// clang-format on

class StoreActor : public Actor<StoreActor, Store> {
public:
    std::optional<std::string> handle(const Store::find &msg, Context &) {
        auto it = entries_.find(msg.key);
        return it == entries_.end() ? std::nullopt : std::optional(it->second);
    }
    std::uint64_t handle(Store::count, Context &) { return entries_.size(); }
    void handle(Store::add msg, Context &) { entries_[msg.key] = msg.value; }
    Result<int> handle(const Store::fail &msg, Context &) {
        return spawned::Error(Status{7}, msg.text);
    }
    std::vector<Point> handle(Store::turn msg, Context &) {
        for (Point &one : msg.points) one = {one.y, one.x};
        return std::move(msg.points);
    }
    void handle(Store::clear, Context &) { entries_.clear(); }

private:
    std::map<std::string, std::string> entries_;
};

Kinds::all example() {
    return {true,
            -128,
            UINT64_MAX,
            0.5,
            "ä\n",
            3,
            {{1, 2}, {}},
            {{"a", true}},
            {4, 5},
            spawned::Pid(77),
            Store::Ref(spawned::Pid(78))};
}

template <class M>
std::string refusal(const char *text) {
    const Result<M> read = json::to_message<M>(Json::parse(text));
    if (read) return "accepted";
    EXPECT_EQ(read.error().code(), Status::invalid);
    return std::string(read.error().text());
}

TEST(JsonMessages, AreObjectsOfTheirParametersByName) {
    EXPECT_EQ(json::from_message(Store::add{"Joe", "At Home"}).dump(),
              R"({"key":"Joe","value":"At Home"})");
    EXPECT_EQ(json::from_message(Store::clear{}).dump(), "{}");
    EXPECT_EQ(json::from_message(example()).at("who"), 77);
}

TEST(JsonMessages, OfEveryKindOfParameterComeBackFromTextAndFromMessagePack) {
    const Json value = json::from_message(example());
    const Json from_text = json::parse(json::dump(value).unwrap()).unwrap();
    const Json packed = json::parse_message_pack(json::dump_message_pack(value)).unwrap();
    for (const Json &one : {from_text, packed}) {
        const Kinds::all back = json::to_message<Kinds::all>(one).unwrap();
        EXPECT_EQ(json::from_message(back), value);
        EXPECT_EQ(back.large, UINT64_MAX);
        EXPECT_EQ(back.list, (std::vector<std::vector<int>>{{1, 2}, {}}));
        EXPECT_EQ(back.where, (Point{4, 5}));
        EXPECT_EQ(back.store.pid(), spawned::Pid(78));
    }
}

TEST(JsonMessages, MayLeaveOutWhatIsOptionalAndNothingElse) {
    Json value = json::from_message(example());
    value.erase("maybe");
    EXPECT_EQ(json::to_message<Kinds::all>(value).unwrap().maybe, std::nullopt);
    value["maybe"] = nullptr;
    EXPECT_EQ(json::to_message<Kinds::all>(value).unwrap().maybe, std::nullopt);
    EXPECT_EQ(refusal<Store::add>(R"({"key": "Joe"})"), "add.value: missing");
    EXPECT_EQ(refusal<Store::add>("{}"), "add.key: missing");
    EXPECT_EQ(refusal<Store::clear>("null"), "accepted");
}

TEST(JsonMessages, WithUnknownFieldsAreRefused) {
    EXPECT_EQ(refusal<Store::add>(R"({"key": "", "value": "", "valeu": ""})"),
              "add.valeu: unknown; there is key, value");
    EXPECT_EQ(refusal<Store::clear>(R"({"now": 1})"), "clear.now: unknown; there is none");
}

TEST(JsonMessages, WithValuesOfOtherTypesAreRefusedWithThePlace) {
    EXPECT_EQ(refusal<Store::find>(R"({"key": 7})"), "find.key: expected a string, found number");
    EXPECT_EQ(refusal<Store::find>(R"(["Joe"])"), "find: expected an object, found array");
    const auto with = [](const char *field, const char *value) {
        Json changed = json::from_message(example());
        changed[field] = Json::parse(value);
        return refusal<Kinds::all>(changed.dump().c_str());
    };
    EXPECT_EQ(with("flag", "1"), "all.flag: expected true or false, found number");
    EXPECT_EQ(with("tiny", "128"), "all.tiny: 128 is not within -128 to 127");
    EXPECT_EQ(with("tiny", "1.5"), "all.tiny: expected a whole number, found number");
    EXPECT_EQ(with("large", "-1"), "all.large: -1 is not within 0 to 18446744073709551615");
    EXPECT_EQ(with("large", "1e30"), "all.large: expected a whole number, found number");
    EXPECT_EQ(with("real", "\"1\""), "all.real: expected a number, found string");
    EXPECT_EQ(with("maybe", "true"), "all.maybe: expected a whole number, found boolean");
    EXPECT_EQ(with("list", "[[1], [2, \"x\"]]"),
              "all.list[1][1]: expected a whole number, found string");
    EXPECT_EQ(with("list", "{}"), "all.list: expected an array, found object");
    EXPECT_EQ(with("map", R"({"b": 0})"), "all.map.b: expected true or false, found number");
    EXPECT_EQ(with("map", "[]"), "all.map: expected an object, found array");
    EXPECT_EQ(with("who", "-5"), "all.who: -5 is not within 0 to 18446744073709551615");
    EXPECT_NE(with("where", "[1]").find("all.where: "), std::string::npos);
}

TEST(JsonTexts, ThatAreBrokenDeepOrLargeAreRefused) {
    EXPECT_EQ(json::parse("{\"a\": [1, 2]}", {.depth = 2}).unwrap().dump(), R"({"a":[1,2]})");
    EXPECT_EQ(json::parse("{\"a\": [1, [2]]}", {.depth = 2}).error().text(),
              "nested deeper than the limit");
    EXPECT_EQ(json::parse(std::string(100000, '[')).error().text(), "nested deeper than the limit");
    EXPECT_EQ(json::parse("[1, 2]", {.bytes = 5}).error().code(), Status::too_big);
    for (const char *broken : {"", "{", "[1,]", "{\"a\"}", "nul", "1 2", "\"\xff\""})
        EXPECT_EQ(json::parse(broken).error().code(), Status::invalid) << broken;
    EXPECT_EQ(json::dump(Json("\xff")).error().code(), Status::invalid);
}

TEST(JsonTexts, InMessagePackThatAreBrokenDeepOrLargeAreRefused) {
    const auto refused = [](std::vector<std::uint8_t> bytes, json::Limits limits = {}) {
        const auto value = json::parse_message_pack(bytes, limits);
        return value ? Status::ok : value.error().code();
    };
    EXPECT_EQ(refused(std::vector<std::uint8_t>(100000, 0x91)), Status::invalid);  // [[[…
    EXPECT_EQ(refused({0x91, 0x91, 0x01}, {.depth = 1}), Status::invalid);
    EXPECT_EQ(refused({0x91, 0x01}, {.depth = 1}), Status::ok);
    EXPECT_EQ(refused({0xdd, 0xff, 0xff, 0xff, 0xff, 0x01}), Status::invalid);
    EXPECT_EQ(refused({0xc1}), Status::invalid);
    EXPECT_EQ(refused({}), Status::invalid);
    EXPECT_EQ(refused({0x01, 0x02}), Status::invalid);
    EXPECT_EQ(refused({0x92, 0x01, 0x02}, {.bytes = 2}), Status::too_big);
}

using JsonCalls = test::World;

TEST_F(JsonCalls, ReachTheMethodOfThatNameAndBringItsAnswer) {
    const spawned::Pid store = runtime.start<StoreActor>();
    EXPECT_EQ(
        json::call<Store>(store, "add", {{"key", "Joe"}, {"value", "At Home"}}).get().unwrap(),
        nullptr);
    EXPECT_EQ(json::call<Store>(store, "find", {{"key", "Joe"}}).get().unwrap(), "At Home");
    EXPECT_EQ(json::call<Store>(store, "find", {{"key", "Mike"}}).get().unwrap(), nullptr);
    EXPECT_EQ(json::call<Store>(store, "count").get().unwrap(), 1);
    EXPECT_EQ(json::call<Store>(store, "clear", Json::object()).get().unwrap(), nullptr);
    EXPECT_EQ(json::call<Store>(store, "count").get().unwrap(), 0);
    EXPECT_EQ(
        json::call<Store>(store, "turn", {{"points", {{1, 2}, {3, 4}}}}).get().unwrap().dump(),
        "[[2,1],[4,3]]");
}

TEST_F(JsonCalls, ThatCannotBeMadeSayWhy) {
    const spawned::Pid store = runtime.start<StoreActor>();
    const auto error = [&](std::string_view method, const Json &arguments) {
        return json::call<Store>(store, method, arguments).get().error();
    };
    EXPECT_EQ(error("fnd", {}).code(), Status::no_handler);
    EXPECT_EQ(error("fnd", {}).text(),
              "no method \"fnd\" in the protocol, which has find, count, add, fail, turn, clear");
    EXPECT_EQ(error("find", {}).code(), Status::invalid);
    EXPECT_EQ(error("find", {}).text(), "find.key: missing");
    EXPECT_EQ(error("fail", {{"text", "no more"}}), spawned::Error(Status{7}, "no more"));
    EXPECT_EQ(json::call<Store>(store, "count").get().unwrap(), 0);  // none of it reached the actor
    store.stop();
    store.join();
    EXPECT_EQ(error("count", {}).code(), Status::stopped);
    EXPECT_EQ(error("clear", {}).code(), Status::stopped);
    EXPECT_EQ(json::call<Store>(spawned::Pid(), "count").get().error().code(), Status::invalid);
}

SPAWNED_PROTOCOL(Other, (Response<int>, find, (key, int)))

TEST_F(JsonCalls, ToAnActorOfAnotherProtocolAreRefusedByIt) {
    const spawned::Pid store = runtime.start<StoreActor>();
    EXPECT_EQ(json::call<Other>(store, "find", {{"key", 1}}).get().error().code(),
              Status::no_handler);
    EXPECT_TRUE(store.is_alive());
}

SPAWNED_PROTOCOL(Gate, (Response<std::string>, pass, (to, spawned::Pid), (method, std::string),
                        (arguments, Json)))

class GateActor : public Actor<GateActor, Gate> {
public:
    Task<Result<std::string>> handle(Gate::pass msg, Context &) {
        Result<Json> answer = co_await json::call<Store>(msg.to, msg.method, msg.arguments);
        if (!answer) co_return answer.error();
        co_return json::dump(*answer);
    }
};

TEST_F(JsonCalls, AreAwaitedInTasks) {
    const spawned::Pid store = runtime.start<StoreActor>();
    auto gate = runtime.start<GateActor>();
    EXPECT_EQ(gate.pass(store, "add", {{"key", "a"}, {"value", "b"}}).unwrap(), "null");
    EXPECT_EQ(gate.pass(store, "find", {{"key", "a"}}).unwrap(), "\"b\"");
    EXPECT_EQ(gate.pass(store, "finds", {}).get().error().code(), Status::no_handler);
    EXPECT_EQ(gate.pass(gate.pid(), "count", {}).get().error().code(), Status::deadlock);
}

TEST_F(JsonCalls, ThatAreDroppedAreHandledAllTheSame) {
    const spawned::Pid store = runtime.start<StoreActor>();
    { auto dropped = json::call<Store>(store, "find", {{"key", "a"}}); }
    (void)json::call<Store>(store, "add", {{"key", "a"}, {"value", "b"}});
    EXPECT_EQ(json::call<Store>(store, "count").get().unwrap(), 1);
}

// The protocol of the comment in json.hpp, by hand.
struct ByHand {
    struct find {
        using Reply = int;
        static constexpr char spawned_method[] = "find";
        template <class Self, class Visit>
        static void spawned_visit(Self &self, Visit &&visit) {
            visit("key", self.key);
        }
        std::string key;
    };
    struct clear {
        static constexpr char spawned_method[] = "clear";
        template <class Self, class Visit>
        static void spawned_visit(Self &, Visit &&) {}
    };
    using Messages = spawned::Messages<find, clear>;
};

class ByHandActor : public Actor<ByHandActor, ByHand> {
public:
    int handle(const ByHand::find &msg, Context &) { return static_cast<int>(msg.key.size()); }
    void handle(ByHand::clear, Context &) {}
};

TEST_F(JsonCalls, ReachProtocolsWrittenByHandToo) {
    const spawned::Pid actor = runtime.start<ByHandActor>();
    EXPECT_EQ(json::call<ByHand>(actor, "find", {{"key", "four"}}).get().unwrap(), 4);
    EXPECT_EQ(json::call<ByHand>(actor, "clear").get().unwrap(), nullptr);
    EXPECT_EQ(json::call<ByHand>(actor, "find").get().error().text(), "find.key: missing");
}

}  // namespace
