// Words one after another; a label is known once its line has been read, dependencies when the rank's block ends.
#include "workloads/goal/goal_text.h"

#include <fmt/format.h>

#include <cctype>
#include <limits>
#include <map>
#include <optional>

#include "sim/base/error.h"
#include "sim/base/source_text.h"
#include "sim/base/words.h"
#include "workloads/goal/goal_binary.h"

namespace orrery::goal {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{1} << 30U;
constexpr std::int64_t kMostRanks = std::int64_t{1} << 20;
constexpr std::int64_t kMostAmount = std::int64_t{1} << 50;  // a petabyte, 13 days
constexpr std::int64_t kMostUnit = 255;

class Parser {
 public:
  Parser(std::string name, std::string text) : source_(std::move(name), std::move(text)), text_(source_.text()) {
    next();
  }

  Schedule parse() {
    expect("num_ranks");
    const std::int64_t count = number("a number of ranks", 1, kMostRanks);
    schedule_.ranks.resize(static_cast<std::size_t>(count));
    std::vector<bool> seen(static_cast<std::size_t>(count), false);
    while (!word_.empty()) {
      expect("rank");
      const std::size_t begin = begin_;
      const std::size_t end = end_;
      const auto rank = static_cast<std::size_t>(number("a rank", 0, count - 1));
      if (seen[rank]) source_.fail(begin, end, fmt::format("rank {} is there already", rank));
      seen[rank] = true;
      expect("{");
      block(static_cast<std::uint32_t>(rank));
    }
    return std::move(schedule_);
  }

 private:
  struct Dependency {
    std::string_view of;
    std::string_view on;
    std::size_t of_at = 0;
    std::size_t on_at = 0;
    bool start_only = false;
  };

  // To the next word: a name or number, or one of { } : alone. Empty at the end.
  void next() {
    while (true) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
      if (text_.substr(at_, 2) == "//") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*") {
        const std::size_t close = text_.find("*/", at_ + 2);
        if (close == std::string_view::npos) source_.fail(at_, at_ + 2, "a comment that doesn't end");
        at_ = close + 2;
      } else {
        break;
      }
    }
    begin_ = at_;
    constexpr std::string_view kMarks = "{}:";
    if (at_ < text_.size() && kMarks.find(text_[at_]) != std::string_view::npos) {
      ++at_;
    } else {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) == 0 &&
             kMarks.find(text_[at_]) == std::string_view::npos && text_.substr(at_, 2) != "//" &&
             text_.substr(at_, 2) != "/*")
        ++at_;
    }
    end_ = at_;
    word_ = text_.substr(begin_, end_ - begin_);
  }

  [[noreturn]] void fail(const std::string& wanted) const { fail_expecting(source_, {word_, begin_, end_}, wanted); }
  void expect(std::string_view word) {
    if (word_ != word) fail(in_quotes(word));
    next();
  }
  std::int64_t number(std::string_view what, std::int64_t least, std::int64_t most, std::string_view unit = "") {
    const std::int64_t value = whole_number(source_, {word_, begin_, end_}, what, least, most, unit);
    next();
    return value;
  }

  void block(std::uint32_t rank) {
    std::vector<Op>& ops = schedule_.ranks[rank];
    std::map<std::string_view, std::uint32_t> labels;
    std::vector<Dependency> dependencies;
    while (word_ != "}") {
      if (word_.empty()) fail("'}'");
      const std::string_view first = word_;
      const std::size_t first_at = begin_;
      if (first == "send" || first == "recv" || first == "calc") {
        ops.push_back(op(rank));
        continue;
      }
      next();
      if (word_ == ":") {
        next();
        if (!labels.emplace(first, static_cast<std::uint32_t>(ops.size())).second)
          source_.fail(first_at, first_at + first.size(), fmt::format("{} is there already", in_quotes(first)));
        ops.push_back(op(rank));
        ops.back().label = first;
      } else if (word_ == "requires" || word_ == "irequires") {
        const bool start_only = word_ == "irequires";
        next();
        dependencies.push_back({first, word_, first_at, begin_, start_only});
        next();
      } else {
        fail(fmt::format("':', 'requires' or 'irequires' after {}", in_quotes(first)));
      }
    }
    next();
    const auto known = [&](std::string_view label, std::size_t at) {
      const auto found = labels.find(label);
      if (found == labels.end())
        source_.fail(at, at + label.size(), fmt::format("rank {} has no op called {}", rank, in_quotes(label)));
      return found->second;
    };
    for (const Dependency& one : dependencies) {
      Op& of = ops[known(one.of, one.of_at)];
      (one.start_only ? of.after_start : of.after).push_back(known(one.on, one.on_at));
    }
  }

  Op op(std::uint32_t rank) {
    Op op;
    const std::string_view kind = word_;
    if (kind == "calc") {
      next();
      op.amount = number("nanoseconds", 0, kMostAmount);
    } else if (kind == "send" || kind == "recv") {
      op.kind = kind == "send" ? Op::Kind::kSend : Op::Kind::kReceive;
      next();
      op.amount = number("bytes such as 4096b", 0, kMostAmount, "b");
      expect(kind == "send" ? "to" : "from");
      if (word_ == "-1" || word_ == "ANY_SOURCE")
        fail("a rank: a receive from anybody could get any message, so what comes of it isn't said");
      const std::size_t begin = begin_;
      const std::size_t end = end_;
      op.peer = static_cast<std::uint32_t>(number("a rank", 0, static_cast<std::int64_t>(schedule_.ranks.size()) - 1));
      if (op.peer == rank) source_.fail(begin, end, fmt::format("a message of rank {} to itself", rank));
    } else {
      fail("'send', 'recv' or 'calc'");
    }
    while (true) {
      const bool tag = word_ == "tag";
      const bool cpu = word_ == "cpu";
      if (!tag && !cpu && word_ != "nic") return op;
      next();
      if (tag) {
        op.tag = static_cast<std::uint32_t>(number("a tag", 0, std::numeric_limits<std::uint32_t>::max()));
      } else {
        (cpu ? op.cpu : op.nic) = static_cast<std::uint8_t>(number("a number", 0, kMostUnit));
      }
    }
  }

  SourceText source_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view word_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Schedule schedule_;
};

}  // namespace

Schedule parse_goal(std::string name, std::string text) { return Parser(std::move(name), std::move(text)).parse(); }

Schedule read_goal(const std::filesystem::path& file) {
  std::string bytes = read_file(file, kMostFileBytes);
  if (is_goal_binary(bytes)) return parse_goal_binary(file.string(), bytes);
  return parse_goal(file.string(), std::move(bytes));
}

}  // namespace orrery::goal
