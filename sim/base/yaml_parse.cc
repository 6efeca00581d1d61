// One YAML text to rows with exact positions: yaml-cpp reads the syntax, everything it lets pass is refused here.
//
// Of yaml-cpp's marks only the beginning of a node is known (its anchor or tag, if it has one; for an absent value, the
// token after it). Where a value truly begins and ends is read off the source text.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/node/node.h>  // parser.h only names it
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <istream>
#include <streambuf>

#include "sim/base/yaml_reading.h"
#include "sim/base/yaml_tree.h"

namespace orrery::yaml {
namespace {

struct Words {
  std::string_view theirs;
  std::string_view ours;
};
// What yaml-cpp says, in words that tell what to do.
const std::array<Words, 9> kWords = {{
    {YAML::ErrorMsg::END_OF_MAP, "this does not fit the mapping that it stands in; is its column right?"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "expected ',' or '}' here"},
    {YAML::ErrorMsg::END_OF_SEQ, "expected '- ' here, in the column of the items before it"},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "expected ',' or ']' here"},
    {YAML::ErrorMsg::MAP_VALUE, "': ' is not allowed here; text that holds it needs quotes"},
    {YAML::ErrorMsg::MAP_KEY, "a key is not allowed here"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "'- ' is not allowed here"},
    {YAML::ErrorMsg::FLOW_END, "no bracket is open here"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "this cannot begin a value; text that begins so needs quotes"},
}};

constexpr std::string_view kOpenQuote = "this quote is never closed";

// Builds rows from events.
class Builder : public YAML::EventHandler {
 public:
  Builder(Document& document, const Source& source, std::size_t offset)
      : document_(document), source_(source), text_(source.text.text()), offset_(offset), last_end_(offset) {}

  [[nodiscard]] const NodeData* root() const { return root_; }
  [[nodiscard]] const std::vector<std::string>& anchor_names() const { return anchor_names_; }
  [[nodiscard]] std::size_t place(const YAML::Mark& mark) const {
    const std::size_t pos = mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
    return std::min(offset_ + pos, text_.size());
  }

  [[nodiscard]] std::size_t last_end() const { return last_end_; }
  // Where the innermost open bracket stands; the end of the text if none is open.
  [[nodiscard]] std::size_t open_bracket() const {
    const auto frame = std::find_if(frames_.rbegin(), frames_.rend(), [&](const Frame& candidate) {
      return text_.at(candidate.row.begin) == '[' || text_.at(candidate.row.begin) == '{';
    });
    return frame != frames_.rend() ? frame->row.begin : text_.size();
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_ == nullptr) return;
    const std::size_t at = place(mark);
    if (text_.slice(at, at + 3) == "---") source_.text.fail(at, at + 3, "a second document; one document a file");
    source_.text.fail(at, text_.line_end(at), "this stands after the end of the document",
                      {"a key in the wrong column, or a bracket too many?"});
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    NodeData row = row_at(text_.skip_anchor(place(mark)));
    row.end = offset(text_.null_end(row.begin));
    if (row.end == row.begin) row.begin = row.end = offset(anchor == 0 ? absent_value(row.begin) : place(mark));
    finish(document_.add(row), row.end, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    NodeData row = row_at(untagged(mark, tag));
    row.kind = tag == "!" ? Kind::kQuoted : Kind::kPlain;
    const std::size_t end = text_.scalar_end(row.begin, value, row.kind == Kind::kQuoted);
    if (end == Reading::kNeverEnds) source_.text.fail(row.begin, row.begin + 1, std::string(kOpenQuote));
    row.end = offset(end);
    row.text = kept(row, value);
    if (value.size() > kMostScalarBytes)
      row.fail(fmt::format("a text must not be longer than {} KiB", kMostScalarBytes >> 10U));
    if (value.find('\0') != std::string::npos) row.fail("a NUL character does not belong in text");
    finish(document_.add(row), row.end, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::size_t begin = place(mark);
    const std::size_t end = text_.skip_name(begin);
    const NodeData* target = anchor < anchors_.size() ? anchors_[anchor] : nullptr;
    if (target == nullptr) source_.text.fail(begin, end, "an anchor cannot hold itself");
    check_depth(frames_.size() + target->height, begin, end);
    attach(target, begin, end);
    last_end_ = end;
  }

  void OnAnchor(const YAML::Mark& /*mark*/, const std::string& name) override { anchor_names_.push_back(name); }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(']'); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close('}'); }

 private:
  // A collection whose end hasn't come.
  struct Frame {
    NodeData row;
    YAML::anchor_t anchor = 0;
    std::size_t first_child = 0;  // in pending_
    std::uint64_t nodes = 1;
    std::uint64_t bytes = 0;
  };

  static std::uint32_t offset(std::size_t i) { return static_cast<std::uint32_t>(i); }

  [[nodiscard]] NodeData row_at(std::size_t begin) const {
    NodeData row;
    row.source = &source_;
    row.begin = row.end = offset(begin);
    return row;
  }

  // Where the value itself begins; refuses tags.
  [[nodiscard]] std::size_t untagged(const YAML::Mark& mark, const std::string& tag) const {
    const std::size_t begin = text_.skip_anchor(place(mark));
    if (text_.at(begin) == '!' || (tag != "?" && tag != "!"))
      source_.text.fail(begin, text_.skip_name(begin), "tags are not read here; leave it out");
    return begin;
  }

  // A view into the source where the text stands there letter by letter, else a copy.
  std::string_view kept(const NodeData& row, const std::string& value) {
    const std::size_t begin = row.begin + (row.kind == Kind::kQuoted ? 1U : 0U);
    const std::string_view same = text_.slice(begin, begin + value.size());
    return same == value ? same : document_.keep(value);
  }

  // Where an absent value would have stood: after its `:` or `-`.
  [[nodiscard]] std::size_t absent_value(std::size_t otherwise) const {
    std::size_t i = text_.skip_space(last_end_);
    if (text_.at(i) == ',') i = text_.skip_space(i + 1);
    const bool here = text_.at(i) == ':' || text_.at(i) == '-' || text_.at(i) == '?';
    return i < otherwise && here ? i + 1 : std::min(last_end_, otherwise);
  }

  void check_depth(std::size_t levels, std::size_t begin, std::size_t end) const {
    if (levels > static_cast<std::size_t>(kMostDepth))
      source_.text.fail(begin, end, fmt::format("values are nested more than {} levels deep", kMostDepth));
  }

  void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    Frame frame;
    frame.row = row_at(untagged(mark, tag));
    frame.row.kind = kind;
    frame.anchor = anchor;
    frame.first_child = pending_.size();
    check_depth(frames_.size() + 1, frame.row.begin, frame.row.begin + 1);
    remember(anchor, nullptr);
    frames_.push_back(frame);
    last_end_ = frame.row.begin;
    const char first = text_.at(frame.row.begin);
    if (first == '[' || first == '{') ++last_end_;
  }

  void close(char bracket) {
    Frame frame = frames_.back();
    frames_.pop_back();
    const auto first = pending_.begin() + static_cast<std::ptrdiff_t>(frame.first_child);
    const std::vector<const NodeData*> children(first, pending_.end());
    pending_.erase(first, pending_.end());
    if (text_.at(frame.row.begin) == (bracket == '}' ? '{' : '[')) {
      std::size_t i = text_.skip_space(last_end_);
      if (text_.at(i) == ',') i = text_.skip_space(i + 1);
      if (text_.at(i) == bracket) last_end_ = i + 1;
    }
    frame.row.end = offset(last_end_);
    const NodeData* row = document_.add(frame.row, children);
    if (row->kind == Kind::kMap) {
      refuse_duplicates(*row);
      row = merge_keys(document_, *row);
    }
    finish(row, last_end_, frame.anchor);
  }

  void finish(const NodeData* row, std::size_t end, YAML::anchor_t anchor) {
    remember(anchor, row);
    attach(row, row->begin, end);
    last_end_ = end;
  }

  void remember(YAML::anchor_t anchor, const NodeData* row) {
    if (anchor == 0) return;
    if (anchors_.size() <= anchor) anchors_.resize(anchor + 1, nullptr);
    anchors_[anchor] = row;
  }

  // As a child of the innermost open collection, or as the root.
  void attach(const NodeData* row, std::size_t begin, std::size_t end) {
    if (frames_.empty()) {
      root_ = row;
      return;
    }
    Frame& frame = frames_.back();
    const bool is_key = frame.row.kind == Kind::kMap && (pending_.size() - frame.first_child) % 2 == 0;
    if (is_key)
      if (std::string problem = key_problem(*row); !problem.empty()) source_.text.fail(begin, end, std::move(problem));
    frame.nodes += row->nodes;
    frame.bytes += row->bytes;
    if (frame.nodes > kMostNodes)
      source_.text.fail(begin, end,
                        fmt::format("the document holds more than {} values here, aliases written out", kMostNodes));
    if (frame.bytes > kMostBytes)
      source_.text.fail(
          begin, end,
          fmt::format("the document holds more than {} MiB of text here, aliases written out", kMostBytes >> 20U));
    pending_.push_back(row);
  }

  // The first key, in order of the file, that stands there already.
  static void refuse_duplicates(const NodeData& map) {
    std::vector<std::size_t> order(map.entries());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return map.key(a).text < map.key(b).text; });
    std::size_t second = order.size();
    std::size_t first = 0;
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (map.key(order[i]).text != map.key(order[i - 1]).text || order[i] >= second) continue;
      second = order[i];
      first = order[i - 1];
    }
    if (second == order.size()) return;
    const SourceSpan before = map.key(first).span();
    const std::string place = before.line > 0 ? fmt::format("line {}", before.line) : "this value";
    map.key(second).fail(fmt::format("the key {} stands twice in this mapping", in_quotes(map.key(second).text)),
                         {fmt::format("first in {}, column {}", place, before.column)});
  }

  Document& document_;
  const Source& source_;
  Reading text_;
  std::size_t offset_;
  std::size_t last_end_;  // of what was read last
  const NodeData* root_ = nullptr;
  std::vector<Frame> frames_;
  std::vector<const NodeData*> pending_;  // children of open collections, the outermost first
  std::vector<const NodeData*> anchors_;  // nullptr: not complete yet
  std::vector<std::string> anchor_names_;
};

// A stream over a text that stays where it is.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view view) {
    char* begin = const_cast<char*>(view.data());  // only read
    setg(begin, begin, begin + view.size());
  }
};

// What yaml-cpp would hold in memory before the first event: it keeps all tokens inside the outermost brackets until
// they close.
void refuse_too_many_tokens(const SourceText& source) {
  const std::string_view text = source.text();
  std::size_t line = 0;
  std::size_t marks = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      line = i + 1;
      continue;
    }
    if (i - line >= kMostLineBytes)
      source.fail(line, line + 1, fmt::format("a line must not be longer than {} MiB", kMostLineBytes >> 20U));
    if (is_flow_mark(text[i]) && ++marks > kMostNodes)
      source.fail(i, i + 1, fmt::format("the text holds more than {} commas and brackets", kMostNodes));
  }
}

// Words that tell what to do, at the place that yaml-cpp means.
[[noreturn]] void fail_syntax(const Source& source, const Builder& builder, const YAML::Exception& problem) {
  const Reading text(source.text.text());
  std::size_t at = builder.place(problem.mark);
  if (const std::size_t tab = text.tab_in_indentation(at); tab < text.size())
    source.text.fail(tab, tab + 1, "a tab in the indentation; YAML is indented with spaces");
  if (text.at(at) == '*' && problem.msg.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR)) {
    const std::size_t end = text.skip_name(at);
    source.text.fail(at, end, unknown_name("anchor", text.slice(at + 1, end), builder.anchor_names()));
  }
  if (problem.msg == YAML::ErrorMsg::EOF_IN_SCALAR || problem.msg == YAML::ErrorMsg::DOC_IN_SCALAR)
    if (const std::size_t quote = text.opening_quote(builder.last_end()); quote < text.size())
      source.text.fail(quote, quote + 1, std::string(kOpenQuote));
  if (at == text.size())
    while (at > 0 && is_space(text.at(at - 1))) --at;
  std::vector<std::string> notes;
  if (problem.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || problem.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
    const std::size_t bracket = builder.open_bracket();
    const SourceSpan opened = source.text.span(bracket, bracket + 1);
    if (bracket < text.size() && opened.line != source.text.span(at, at).line)
      notes.push_back(
          fmt::format("'{}' is open since line {}, column {}", text.at(bracket), opened.line, opened.column));
  }
  for (const Words& words : kWords)
    if (problem.msg == words.theirs) source.text.fail(at, at + 1, std::string(words.ours), notes);
  source.text.fail(at, at + 1, "not valid YAML: " + problem.msg);
}

}  // namespace

const NodeData* parse_text(Document& document, const Source& source, std::size_t offset) {
  refuse_too_many_tokens(source.text);
  ViewBuffer buffer(source.text.text().substr(offset));
  std::istream stream(&buffer);
  Builder builder(document, source, offset);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& problem) {
    fail_syntax(source, builder, problem);
  }
  if (builder.root() != nullptr) return builder.root();
  NodeData nothing;
  nothing.source = &source;
  nothing.begin = nothing.end = static_cast<std::uint32_t>(offset);
  return document.add(nothing);
}

}  // namespace orrery::yaml
