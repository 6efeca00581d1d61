// The agenda against a sorted set.
#include "sim/network/agenda.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <utility>
#include <vector>

using orrery::Agenda;
using orrery::Time;

namespace {

std::vector<std::uint32_t> take(Agenda& agenda, std::int64_t last) {
  std::vector<std::uint32_t> out;
  agenda.take(Time::picoseconds(last), out);
  return out;
}

}  // namespace

TEST_CASE("what is due comes out by time, then by sequence; what isn't stays") {
  Agenda agenda;
  CHECK(agenda.next() == Time::max());
  agenda.put({Time::picoseconds(5), 2, 0});
  agenda.put({Time::picoseconds(5), 1, 1});
  agenda.put({Time::picoseconds(4), 9, 2});
  agenda.put({Time::picoseconds(8), 3, 3});
  agenda.erase(77);
  CHECK(agenda.next() == Time::picoseconds(4));
  CHECK(take(agenda, 3).empty());
  CHECK(take(agenda, 7) == std::vector<std::uint32_t>{2, 1, 0});
  CHECK_FALSE(agenda.contains(1));
  CHECK(agenda.next() == Time::picoseconds(8));
  agenda.put({Time::picoseconds(6), 3, 3});
  CHECK(agenda.next() == Time::picoseconds(6));
  agenda.erase(3);
  CHECK(agenda.empty());
}

TEST_CASE("put, move, erase and take in any order keep to the model") {
  CHECK(rc::check("agenda", [] {
    constexpr std::uint32_t kItems = 60;
    Agenda agenda;
    std::vector<std::int64_t> time(kItems, -1);
    std::set<std::pair<std::int64_t, std::uint32_t>> model;  // sequence = item
    const int steps = *rc::gen::inRange(1, 300);
    const auto times = *rc::gen::elementOf(std::vector<std::int64_t>{3, 30, 1'000'000});
    for (int s = 0; s < steps; ++s) {
      const auto item = *rc::gen::inRange<std::uint32_t>(0, kItems);
      const int kind = *rc::gen::inRange(0, 8);
      if (kind == 0) {
        const auto last = *rc::gen::inRange<std::int64_t>(0, times);
        std::vector<std::uint32_t> due;
        while (!model.empty() && model.begin()->first <= last) {
          due.push_back(model.begin()->second);
          time[due.back()] = -1;
          model.erase(model.begin());
        }
        RC_ASSERT(take(agenda, last) == due);
        continue;
      }
      if (time[item] >= 0) model.erase({time[item], item});
      if (kind < 3) {
        agenda.erase(item);
        time[item] = -1;
      } else {
        time[item] = *rc::gen::inRange<std::int64_t>(0, times);
        agenda.put({Time::picoseconds(time[item]), item, item});
        model.insert({time[item], item});
      }
      RC_ASSERT(agenda.contains(item) == (time[item] >= 0));
      RC_ASSERT(agenda.empty() == model.empty());
      if (!model.empty()) RC_ASSERT(agenda.next() == Time::picoseconds(model.begin()->first));
    }
    std::vector<std::uint32_t> rest;
    for (const auto& [at, item] : model) rest.push_back(item);
    RC_ASSERT(take(agenda, times) == rest);
  }));
}
