#include "policy/format.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "policy/format_spacing.h"
#include "policy/lexer.h"
#include "policy/parser.h"
#include "policy/report.h"

namespace fabrix::policy {
namespace {

constexpr std::size_t kBlockIndent = 2;
constexpr std::size_t kHangingIndent = 4;

// Brackets that are open, or the file itself.
struct Frame {
  bool block = false;
  bool values = false;
  bool hanging = false;                // its bracket is the last token of the line
  std::size_t indent = 0;              // of the line that opened it
  std::size_t content = 0;             // where a line in it starts
  std::optional<std::size_t> operand;  // of a block: where the statement's first operand stands
};

bool is_closing(const Token& token) {
  return token.kind == TokenKind::kSymbol &&
         (token.text == ")" || token.text == "]" || token.text == "}");
}

bool is_opening(const Token& token) {
  return token.kind == TokenKind::kSymbol &&
         (token.text == "(" || token.text == "[" || token.text == "{");
}

bool gives_a_value(const Token& token) {
  return token.kind == TokenKind::kSymbol && (token.text == "=" || token.text == "->");
}

class Layout {
 public:
  explicit Layout(const Lexed& lexed) : tokens_(lexed.tokens), comments_(lexed.comments) {
    frames_.push_back({.block = true});
  }

  std::string run() {
    while (next_ + 1 < tokens_.size()) {
      comments_before(tokens_[next_].at.line);
      line();
    }
    comments_before(~std::uint32_t{0});
    return std::move(out_);
  }

 private:
  const Token& token(std::size_t i) const { return tokens_[i]; }

  // Comments that have a line of their own.
  void comments_before(std::uint32_t line) {
    for (; next_comment_ < comments_.size(); ++next_comment_) {
      const Comment& comment = comments_[next_comment_];
      if (comment.at.line >= line) return;
      begin_line(comment.at.line, comment_indent());
      out_ += comment.text;
      out_ += '\n';
    }
  }

  // As far in as what follows it in the same brackets.
  std::size_t comment_indent() const {
    const bool closes = next_ + 1 >= tokens_.size() || is_closing(token(next_));
    const Frame& frame = frames_.back();
    if (closes) return frame.block && frames_.size() == 1 ? 0 : frame.content;
    return start_of(next_);
  }

  void begin_line(std::uint32_t number, std::size_t indent) {
    if (last_line_ != 0 && number > last_line_ + 1) out_ += '\n';
    last_line_ = number;
    line_start_ = out_.size();
    indent_ = indent;
    out_.append(indent, ' ');
  }

  std::size_t column() const { return out_.size() - line_start_; }

  // Where a line that begins with this token does.
  std::size_t start_of(std::size_t i) const {
    const Frame& frame = frames_.back();
    const Token& first = token(i);
    if (is_closing(first)) {
      if (frames_.size() == 1) return 0;
      return frame.block || frame.hanging ? frame.indent : frame.content - 1;
    }
    if (!frame.block && frame.hanging) return frame.content;
    const std::size_t operand =
        frame.block ? frame.operand.value_or(frame.content + kHangingIndent) : frame.content;
    const bool first_case = first.text == "else" && token(i + 1).text == "->";
    if (is_operator(first) && !first_case) {
      const std::size_t width = first.text.size() + 1;
      return operand > width ? operand - width : 0;
    }
    const bool begins = frame.block && !goes_on(i);
    return begins ? frame.content : operand;
  }

  // Does the line before want more, in this block?
  bool goes_on(std::size_t i) const {
    if (i == 0) return false;
    const Token& before = token(i - 1);
    return is_operator(before) || gives_a_value(before) ||
           (before.kind == TokenKind::kSymbol &&
            (before.text == "," || before.text == "~" || before.text == ":"));
  }

  void line() {
    if (frames_.back().block && !goes_on(next_) && !is_operator(token(next_))) {
      frames_.back().operand.reset();
    }
    const std::uint32_t number = token(next_).at.line;
    begin_line(number, start_of(next_));
    const std::size_t first = next_;
    do {
      put(first);
      ++next_;
    } while (next_ + 1 < tokens_.size() && !token(next_).starts_line);
    last_line_ = number;
    if (next_comment_ < comments_.size() && comments_[next_comment_].at.line == number) {
      out_ += "  ";
      out_ += comments_[next_comment_++].text;
    }
    out_ += '\n';
  }

  void put(std::size_t first) {
    const std::size_t i = next_;
    const Token& here = token(i);
    const bool ends_line = token(i + 1).starts_line;
    const bool block = i > 0 && opens_block(token(i - 1), here);
    if (i > first && spaced(i, i - 1 > first ? i - 2 : i - 1, block)) out_ += ' ';
    if (is_closing(here) && frames_.size() > 1) frames_.pop_back();
    const std::size_t at = column();
    write(here);
    if (is_opening(here)) open(i, block, at, ends_line);
    if (gives_a_value(here) && frames_.back().block && !frames_.back().operand) {
      frames_.back().operand = ends_line ? frames_.back().content + kHangingIndent : column() + 1;
    }
  }

  bool spaced(std::size_t i, std::size_t before_left, bool block) const {
    const Frame& frame = frames_.back();
    const bool after_brace = token(i - 1).text == "{" && frame.block;
    Surroundings in = frame.block ? Surroundings::kBlock : Surroundings::kGroup;
    if (frame.values) in = Surroundings::kValues;
    return has_space({.before_left = token(before_left),
                      .left = token(i - 1),
                      .right = token(i),
                      .left_opens_block = after_brace,
                      .right_opens_block = block,
                      .right_closes_block = token(i).text == "}" && frame.block},
                     in);
  }

  void write(const Token& token) {
    if (token.kind != TokenKind::kString) {
      out_ += token.text;
      return;
    }
    const char quote = token.text.find('\'') == std::string_view::npos ? '\'' : '"';
    out_ += quote;
    out_ += token.text;
    out_ += quote;
  }

  void open(std::size_t i, bool block, std::size_t at, bool ends_line) {
    const bool values =
        frames_.back().values || (i > 0 && token(i).text == "(" && opens_values(token(i - 1)));
    Frame frame{.block = block, .values = values, .hanging = ends_line, .indent = indent_};
    frame.content = at + 1;
    if (ends_line) frame.content = indent_ + kHangingIndent;
    if (block) frame.content = indent_ + kBlockIndent;
    frames_.push_back(frame);
  }

  const std::vector<Token>& tokens_;
  const std::vector<Comment>& comments_;
  std::vector<Frame> frames_;
  std::string out_;
  std::size_t next_ = 0;
  std::size_t next_comment_ = 0;
  std::size_t line_start_ = 0;
  std::size_t indent_ = 0;
  std::uint32_t last_line_ = 0;  // of the input
};

// Not what was said twice.
bool is_syntax_error(const Diagnostic& diagnostic) {
  return diagnostic.code != "P0106" && diagnostic.code < "P0111";
}

bool has_docstring(const Lexed& lexed) {
  return std::ranges::any_of(lexed.comments,
                             [](const Comment& each) { return !each.text.starts_with('#'); });
}

bool same_tokens(const Lexed& a, const Lexed& b) {
  return std::equal(a.tokens.begin(), a.tokens.end(), b.tokens.begin(), b.tokens.end(),
                    [](const Token& left, const Token& right) {
                      return left.kind == right.kind && left.text == right.text &&
                             left.starts_line == right.starts_line;
                    });
}

}  // namespace

Result<std::string, std::vector<Diagnostic>> format(std::string_view text, std::string_view file) {
  Report report(file);
  const Lexed lexed = lex(text, report);
  const File parsed = parse_file(lexed, Precedence::kPaper, report);
  auto diagnostics = report.take();
  std::erase_if(diagnostics, [](const Diagnostic& each) { return !is_syntax_error(each); });
  if (!diagnostics.empty()) return fail(std::move(diagnostics));
  if (parsed.has_functions || has_docstring(lexed)) return std::string(text);
  std::string laid_out = Layout(lexed).run();
  // Should spaces ever make other tokens of them, the text is better left alone.
  Report unheard(file);
  if (!same_tokens(lexed, lex(laid_out, unheard))) return std::string(text);
  return laid_out;
}

}  // namespace fabrix::policy
