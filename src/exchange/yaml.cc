#include "exchange/yaml.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <sstream>
#include <unordered_set>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace fabrix::exchange {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kMaxDepth = 64;
// Enough for somebody to work on; more would be one mistake seen over and over.
constexpr std::size_t kMaxErrors = 100;

// yaml-cpp counts lines and columns from 0, in octets, and marks "nowhere" with -1.
SourceSpan span_at(const YAML::Mark& mark, std::size_t length) {
  const auto from_one = [](int value) {
    return static_cast<std::uint32_t>(std::max(value, 0)) + 1;
  };
  return {.line = from_one(mark.line),
          .column = from_one(mark.column),
          .length = static_cast<std::uint32_t>(std::max<std::size_t>(length, 1))};
}

// yaml-cpp's names for "plain" and "quoted"; every other tag was written out.
bool is_explicit_tag(const std::string& tag) {
  return !tag.empty() && tag != "?" && tag != "!";
}

// The size of the quoted scalar that `text` starts with, quotes included; none if it does not end
// on its line.
std::optional<std::size_t> quoted_size(std::string_view text) {
  const char quote = text.empty() ? '\0' : text.front();
  for (std::size_t i = 1; i < text.size() && text[i] != '\n'; ++i) {
    const bool doubled = quote == '\'' && text.substr(i, 2) == "''";
    const bool escaped = quote == '"' && text[i] == '\\';
    if (doubled || escaped) {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return std::nullopt;
}

// A map or list whose end has not been seen.
struct Open {
  YamlNode node;
  std::optional<std::string> key;  // read, its value not yet
  SourceSpan key_at;
  std::unordered_set<std::string> keys;
};

// Builds the tree out of yaml-cpp's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    YamlNode node;
    node.at = span_at(mark, 1);
    // The mark of nothing is that of whatever comes next.
    if (!open_.empty() && open_.back().key) node.at = open_.back().key_at;
    close(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(span_at(mark, 1), "an alias");
    YamlNode node;
    node.at = span_at(mark, 1);
    close(std::move(node));
  }

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    refuse(span_at(mark, name.size() + 1), "an anchor");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    YamlNode node;
    node.kind = Kind::kScalar;
    node.scalar = value;
    node.quoted = tag == "!";
    node.at = span_at(mark, value.size());
    if (node.quoted) check_quotes(mark, node.at);
    check_tag(node.at, tag);
    close(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    start(Kind::kList, mark, tag);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    start(Kind::kMap, mark, tag);
  }
  void OnMapEnd() override { end(); }

  void error(const SourceSpan& at, std::string code, std::string message, std::string help) {
    if (errors_.size() >= kMaxErrors) return;
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.message = std::move(message);
    diagnostic.file = file_;
    diagnostic.at = at;
    diagnostic.help = std::move(help);
    errors_.push_back(std::move(diagnostic));
  }

  // Nothing builds on after this.
  Result<YamlNode, std::vector<Diagnostic>> take() {
    if (!errors_.empty()) return fail(std::move(errors_));
    return std::move(root_);
  }

 private:
  void refuse(const SourceSpan& at, std::string_view what) {
    error(at, "C0103", fmt::format("{} is not supported here", what), "write the value out");
  }

  void check_tag(const SourceSpan& at, const std::string& tag) {
    if (is_explicit_tag(tag)) refuse(at, "a tag");
  }

  // yaml-cpp lets a quoted text without its second quote end somewhere. Sets the length of `at`.
  void check_quotes(const YAML::Mark& mark, SourceSpan& at) {
    const auto start = static_cast<std::size_t>(std::max(mark.pos, 0));
    const auto size = quoted_size(text_.substr(std::min(start, text_.size())));
    at.length = static_cast<std::uint32_t>(size.value_or(1));
    if (!size) error(at, "C0101", "a quoted text does not end on its line", "add the quote");
  }

  // Containers deeper than kMaxDepth are counted, not built.
  void start(Kind kind, const YAML::Mark& mark, const std::string& tag) {
    const SourceSpan at = span_at(mark, 1);
    check_tag(at, tag);
    if (open_.size() == kMaxDepth) {
      if (too_deep_ == 0) {
        error(at, "C0104", fmt::format("nested more than {} levels deep", kMaxDepth), "");
      }
      ++too_deep_;
      return;
    }
    Open& opened = open_.emplace_back();
    opened.node.kind = kind;
    opened.node.at = at;
  }

  void end() {
    if (too_deep_ > 0) {
      --too_deep_;
      return;
    }
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    close(std::move(node));
  }

  // Puts a whole node where it belongs.
  void close(YamlNode node) {
    if (too_deep_ > 0) return;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key) {
      parent.node.entries.push_back({.key = *std::exchange(parent.key, std::nullopt),
                                     .key_at = parent.key_at,
                                     .value = std::move(node)});
    } else {
      take_key(parent, std::move(node));
    }
  }

  void take_key(Open& map, YamlNode node) {
    if (node.kind != Kind::kScalar) {
      error(node.at, "C0103", "a key must be a word", "");
    } else if (node.scalar == "<<" && !node.quoted) {
      refuse(node.at, "a merge key");
    } else if (!map.keys.insert(node.scalar).second) {
      error(node.at, "C0102", fmt::format("the key '{}' is given twice", node.scalar),
            "keep one of the two");
    }
    map.key_at = node.at;
    map.key = std::move(node.scalar);
  }

  std::string_view text_;
  std::string file_;
  std::vector<Diagnostic> errors_;
  std::vector<Open> open_;
  std::size_t too_deep_ = 0;
  YamlNode root_;
};

// yaml-cpp would take other encodings and count columns in none of them.
bool is_plain_text(std::string_view text) {
  const bool marked = text.starts_with("\xfe\xff") || text.starts_with("\xff\xfe");
  return !marked && text.find('\0') == std::string_view::npos;
}

// May leave with an exception of yaml-cpp's.
void parse_documents(TreeBuilder& builder, std::istream& in) {
  YAML::Parser parser(in);
  const bool any = parser.HandleNextDocument(builder);
  if (!any || !parser) return;
  TreeBuilder rest("", "");
  if (!parser.HandleNextDocument(rest)) return;
  builder.error({}, "C0103", "more than one document", "remove the line '---'");
}

void parse_into(TreeBuilder& builder, std::istream& in) {
  try {
    parse_documents(builder, in);
  } catch (const YAML::Exception& exception) {
    builder.error(span_at(exception.mark, 1), "C0101", exception.msg, "");
  }
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Result<YamlNode, std::vector<Diagnostic>> parse_yaml(std::string_view text, std::string_view file) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  TreeBuilder builder(text, file);
  if (is_plain_text(text)) {
    std::istringstream in{std::string(text)};
    parse_into(builder, in);
  } else {
    builder.error({}, "C0105", "not a text in UTF-8", "save the file as UTF-8");
  }
  return builder.take();
}

}  // namespace fabrix::exchange
