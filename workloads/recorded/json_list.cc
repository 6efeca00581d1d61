// A stream over the unpacked bytes, and a parser that keeps nothing of the list.
#include "workloads/recorded/json_list.h"

#include <fmt/format.h>

#include <istream>
#include <nlohmann/json.hpp>
#include <streambuf>

namespace orrery::recorded {
namespace {

using nlohmann::json;

// A file, unpacked, as a stream.
class Unpacked : public std::streambuf {
 public:
  explicit Unpacked(chakra::ByteSource& source) : source_(&source) {}

 protected:
  int_type underflow() override {
    source_->read(kBlock, block_);
    if (block_.empty()) return traits_type::eof();
    setg(block_.data(), block_.data(), block_.data() + block_.size());
    return traits_type::to_int_type(block_.front());
  }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 16U;
  chakra::ByteSource* source_;
  std::string block_;
};

constexpr int kDeepest = 256;

// The parser's own words, without its name and number.
std::string shortened(std::string_view what) {
  const std::size_t end = what.find("; ");
  const std::size_t begin = what.find("syntax error");
  if (begin == std::string_view::npos) return "it ends too soon, or something stands where it can't";
  return std::string(what.substr(begin, end == std::string_view::npos ? end : end - begin));
}

}  // namespace

json read_json_list(chakra::ByteSource& source, std::string_view key, std::string_view what,
                    const std::function<void(const json&)>& each) {
  bool in_list = false;
  bool seen = false;
  Unpacked unpacked(source);
  std::istream stream(&unpacked);
  stream.exceptions(std::ios::badbit);  // what the unpacking has to say comes through
  try {
    json root = json::parse(stream, [&](int depth, json::parse_event_t event, json& parsed) {
      if (depth > kDeepest)
        source.fail(source.offset(), fmt::format("holds lists in lists more than {} deep", kDeepest));
      if (depth == 1 && event == json::parse_event_t::key) {
        in_list = parsed == key;
        seen = seen || in_list;
      }
      if (!in_list || depth != 2 || event != json::parse_event_t::object_end) return true;
      each(parsed);
      return false;
    });
    if (!root.is_object() || !seen) source.fail(0, fmt::format("is no {}: it lacks '{}'", what, key));
    return root;
  } catch (const json::parse_error& error) {
    source.fail(error.byte, fmt::format("is no JSON: {}", shortened(error.what())));
  } catch (const json::out_of_range&) {
    source.fail(source.offset(), "holds a number that is too large");
  }
}

bool is_small(const json& number, std::int64_t most) {
  return number.is_number_unsigned() && number.get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
}

std::int64_t integer_or(const json& object, const char* key, std::int64_t otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
}

std::string text_or(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace orrery::recorded
