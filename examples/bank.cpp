// A bank: several requests to one actor, each with an answer of the same type. "Not a customer" is an
// answer like any other; failures are kept for what should not happen.
//
//   c++ -std=c++20 bank.cpp $(pkg-config --cflags --libs spawned) -o bank && ./bank
#include <cstdio>
#include <map>
#include <string>

#include <spawned.hpp>

struct Answer {
    const char* outcome;
    long balance;
};

SPAWNED_PROTOCOL(Bank, (spawned::Response<Answer>, open, (who, std::string), (balance, long)),
                 (spawned::Response<Answer>, deposit, (who, std::string), (amount, long)),
                 (spawned::Response<Answer>, withdraw, (who, std::string), (amount, long)),
                 (spawned::Response<Answer>, close))

class BankActor : public spawned::Actor<BankActor, Bank> {
public:
    void started(Context&) { accounts_["main"] = 1000; }

    Answer handle(const Bank::open& msg, Context&) {
        auto [account, is_new] = accounts_.try_emplace(msg.who, msg.balance);
        return {is_new ? "welcome" : "already a customer", account->second};
    }
    Answer handle(const Bank::deposit& msg, Context&) {
        auto account = accounts_.find(msg.who);
        if (account == accounts_.end()) return {"not a customer", 0};
        return {"balance", account->second += msg.amount};
    }
    Answer handle(const Bank::withdraw& msg, Context&) {
        auto account = accounts_.find(msg.who);
        if (account == accounts_.end()) return {"not a customer", 0};
        if (account->second < msg.amount) return {"insufficient balance", account->second};
        return {"balance", account->second -= msg.amount};
    }
    // The last answer is still delivered: stopping ends the actor after this handler.
    Answer handle(Bank::close, Context& context) {
        context.stop();
        return {"closed", 0};
    }

private:
    std::map<std::string, long> accounts_;
};

static void print(const char* order, const char* who, long amount, Answer answer) {
    std::printf("bank.%s %s %ld: %s, %ld\n", order, who, amount, answer.outcome, answer.balance);
}

int main() {
    spawned::Runtime runtime;
    auto bank = runtime.start<BankActor>();
    print("withdraw", "main", 15, bank.withdraw("main", 15).unwrap());
    print("deposit", "Joe", 10, bank.deposit("Joe", 10).unwrap());
    print("open", "Joe", 0, bank.open("Joe", 0).unwrap());
    print("open", "Joe", 0, bank.open("Joe", 0).unwrap());
    print("deposit", "Joe", 10, bank.deposit("Joe", 10).unwrap());
    print("deposit", "Joe", 30, bank.deposit("Joe", 30).unwrap());
    print("withdraw", "Joe", 15, bank.withdraw("Joe", 15).unwrap());
    print("withdraw", "Joe", 45, bank.withdraw("Joe", 45).unwrap());
    print("withdraw", "Joe", 25, bank.withdraw("Joe", 25).unwrap());
    std::printf("bank.close: %s\n", bank.close().unwrap().outcome);
    bank.join();
    std::printf("afterwards: %s\n", text(bank.close().get().error().code()));
}
