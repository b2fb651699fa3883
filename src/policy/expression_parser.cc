#include "policy/expression_parser.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/suggest.h"
#include "policy/fsm_formula_parser.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

constexpr unsigned kLevels = 6;
constexpr unsigned kSetLevel = 3;  // of `|`, with `&` and `-` below

SyntaxPtr finish(Syntax node) {
  return std::make_shared<const Syntax>(std::move(node));
}

Syntax node_of(SyntaxKind kind, const SourceSpan& at, std::string_view text = {}) {
  Syntax node;
  node.kind = kind;
  node.at = at;
  node.text = text;
  return node;
}

Syntax joined(SyntaxKind kind, SyntaxPtr a, SyntaxPtr b) {
  Syntax node = node_of(kind, cover(a->at, b->at));
  node.children = {std::move(a), std::move(b)};
  return node;
}

// Only these stand where an operand that could not be read does no harm to the rest.
bool recovers(SyntaxKind kind) {
  return kind == SyntaxKind::kRanked || kind == SyntaxKind::kParallel;
}

}  // namespace

SyntaxPtr ExpressionParser::parse() {
  if (nesting_ == 0) told_nesting_ = false;
  return binary(0);
}

std::optional<SourceSpan> ExpressionParser::take_mixes() {
  return std::exchange(mixes_, std::nullopt);
}

ExpressionParser::Operator ExpressionParser::operator_of(unsigned level) const {
  constexpr std::array<Operator, kLevels> kPaper{{{"//", SyntaxKind::kRanked},
                                                  {"+", SyntaxKind::kParallel},
                                                  {">>", SyntaxKind::kSequence},
                                                  {"|", SyntaxKind::kOr},
                                                  {"&", SyntaxKind::kAnd},
                                                  {"-", SyntaxKind::kMinus}}};
  const bool swapped = precedence_ == Precedence::kPyretic && (level == 1 || level == 2);
  return kPaper.at(swapped ? 3 - level : level);
}

bool ExpressionParser::take_operator(const Operator& op) {
  // `else ->` begins the last case of an fsm.
  const bool is_else = tokens_.at_name("else") && !tokens_.at_symbol("->", 1);
  if (op.kind == SyntaxKind::kRanked && is_else) {
    tokens_.take();
    return true;
  }
  return tokens_.take_symbol(op.symbol);
}

void ExpressionParser::note_mix(const Syntax& node) {
  const SyntaxKind inner =
      precedence_ == Precedence::kPaper ? SyntaxKind::kSequence : SyntaxKind::kParallel;
  const SyntaxKind outer =
      precedence_ == Precedence::kPaper ? SyntaxKind::kParallel : SyntaxKind::kSequence;
  if (node.kind != outer || mixes_) return;
  for (const SyntaxPtr& child : node.children) {
    if (child->kind == inner && !child->grouped) mixes_ = child->at;
    if (mixes_) return;
  }
}

SyntaxPtr ExpressionParser::binary(unsigned level) {
  if (level == kLevels) return unary();
  const Operator op = operator_of(level);
  const std::uint32_t depth = tokens_.peek().depth;
  Syntax node = node_of(op.kind, tokens_.peek().at);
  do {
    SyntaxPtr operand = binary(level + 1);
    if (operand == nullptr && !recovers(op.kind)) return nullptr;
    if (operand == nullptr) {
      tokens_.synchronize(depth);
      operand = finish(node_of(SyntaxKind::kError, node.at));
    }
    node.children.push_back(std::move(operand));
  } while (take_operator(op));
  if (node.children.size() == 1) return std::move(node.children.front());
  node.at = cover(node.children.front()->at, node.children.back()->at);
  note_mix(node);
  return finish(std::move(node));
}

SyntaxPtr ExpressionParser::deeper(SyntaxPtr (ExpressionParser::*rule)()) {
  if (nesting_ >= kMaxNesting) {
    // What else of it is as deep is no other mistake.
    if (std::exchange(told_nesting_, true)) tokens_.be_silent();
    tokens_.complain("P0107", tokens_.peek().at,
                     "nested deeper than " + std::to_string(kMaxNesting) + " levels",
                     "give parts of it a name with 'let'");
    return nullptr;
  }
  ++nesting_;
  SyntaxPtr result = (this->*rule)();
  --nesting_;
  return result;
}

SyntaxPtr ExpressionParser::unary() {
  const Token token = tokens_.peek();
  if (!tokens_.at_symbol("~") && !tokens_.at_name("not")) {
    return deeper(&ExpressionParser::primary);
  }
  tokens_.take();
  SyntaxPtr operand = deeper(&ExpressionParser::unary);
  if (operand == nullptr) return nullptr;
  Syntax node = node_of(SyntaxKind::kNot, cover(token.at, operand->at));
  node.children.push_back(std::move(operand));
  return finish(std::move(node));
}

SyntaxPtr ExpressionParser::primary() {
  const Token& token = tokens_.peek();
  if (token.kind == TokenKind::kName && !tokens_.at_statement()) return name();
  if (token.kind != TokenKind::kSymbol && token.kind != TokenKind::kEnd &&
      token.kind != TokenKind::kName) {
    return literal();
  }
  if (tokens_.at_symbol("(")) return group();
  if (tokens_.at_symbol("[")) return list("]");
  if (tokens_.at_symbol("{")) return list("}");
  tokens_.expected("a policy or a predicate", "such as match(dstport=80) or fwd(B)");
  return nullptr;
}

SyntaxPtr ExpressionParser::literal() {
  const Token& token = tokens_.peek();
  Syntax node = node_of(SyntaxKind::kLiteral, token.at, token.text);
  node.token = token.kind;
  tokens_.take();
  return finish(std::move(node));
}

SyntaxPtr ExpressionParser::group() {
  const Token open = tokens_.peek();
  tokens_.take();
  const SyntaxPtr inner = parse();
  if (!tokens_.close(open, ")")) return nullptr;
  Syntax node = *inner;
  node.grouped = true;
  return finish(std::move(node));
}

SyntaxPtr ExpressionParser::list(std::string_view close) {
  const Token open = tokens_.peek();
  tokens_.take();
  Syntax node = node_of(SyntaxKind::kList, open.at);
  while (!tokens_.at_symbol(close)) {
    SyntaxPtr element = parse();
    if (node.children.empty() && tokens_.at_name("for")) {
      return comprehension(open, std::move(element));
    }
    node.children.push_back(std::move(element));
    if (!tokens_.take_symbol(",")) break;
  }
  if (!tokens_.close(open, close)) return nullptr;
  node.at = cover(open.at, tokens_.previous().at);
  return finish(std::move(node));
}

SyntaxPtr ExpressionParser::comprehension(const Token& open, SyntaxPtr body) {
  tokens_.take();
  const Token variable = tokens_.peek();
  if (variable.kind != TokenKind::kName) {
    tokens_.expected("the name of a variable after 'for'");
    return nullptr;
  }
  tokens_.take();
  if (!tokens_.at_name("in")) {
    tokens_.expected("'in'", "[expr for name in list]");
    return nullptr;
  }
  tokens_.take();
  SyntaxPtr items = parse();
  if (!tokens_.close(open, "]")) return nullptr;
  Syntax node =
      node_of(SyntaxKind::kComprehension, cover(open.at, tokens_.previous().at), variable.text);
  node.children = {std::move(body), std::move(items)};
  return finish(std::move(node));
}

SyntaxPtr ExpressionParser::name() {
  const Token token = tokens_.peek();
  tokens_.take();
  std::string text(token.text);
  SourceSpan at = token.at;
  while (tokens_.at_symbol(".") && tokens_.peek(1).kind == TokenKind::kName) {
    tokens_.take();
    text += '.';
    text += tokens_.peek().text;
    at = cover(at, tokens_.peek().at);
    tokens_.take();
  }
  if (text == "match" || text == "modify" || text == "mod" || text == "mark") {
    return fields(at, text);
  }
  if (text == "in_state") return in_state(at);
  if (text == "count_packets" || text == "count_bytes") return query(at, text);
  if (text == "packets") return packets_query(at);
  if (text == "rib" || text == "src_rib") return fields(at, text);
  if (text != "balance" && at_tests()) return no_tests(at, text);
  if (tokens_.at_symbol("(")) return path(call(text, at));
  return path(finish(node_of(SyntaxKind::kName, at, text)));
}

// "(" name comparison
bool ExpressionParser::at_tests() const {
  return tokens_.at_symbol("(") && tokens_.peek(1).kind == TokenKind::kName && at_comparison(2);
}

bool ExpressionParser::at_comparison(std::size_t ahead) const {
  constexpr std::array<std::string_view, 7> kComparisons{"==", "=", "!=", "<=", ">=", "<", ">"};
  return std::any_of(
      kComparisons.begin(), kComparisons.end(),
      [this, ahead](std::string_view each) { return tokens_.at_symbol(each, ahead); });
}

// Tests behind a word that has none, such as a misspelt `match`.
SyntaxPtr ExpressionParser::no_tests(const SourceSpan& at, const std::string& word) {
  const std::array<std::string, 5> with_tests{"match", "modify", "mark", "rib", "src_rib"};
  const auto close = is_builtin(word) ? std::nullopt : nearest(word, with_tests);
  tokens_.complain("P0203", at,
                   close ? "unknown name '" + word + "'" : "'" + word + "' takes no field=value",
                   close ? "did you mean '" + *close + "'?" : "match(), modify() and rib() do");
  return fields(at, word) == nullptr ? nullptr : finish(node_of(SyntaxKind::kError, at));
}

// What follows a name: [index] and .member, repeatedly.
SyntaxPtr ExpressionParser::path(SyntaxPtr base) {
  while (base != nullptr) {
    if (tokens_.at_symbol("[") && !tokens_.peek().starts_line) {
      const Token open = tokens_.peek();
      tokens_.take();
      SyntaxPtr index = parse();
      if (!tokens_.close(open, "]")) return nullptr;
      Syntax node = joined(SyntaxKind::kIndex, base, std::move(index));
      node.at = cover(node.at, tokens_.previous().at);
      base = finish(std::move(node));
    } else if (tokens_.at_symbol(".") && tokens_.peek(1).kind == TokenKind::kName) {
      tokens_.take();
      Syntax node =
          node_of(SyntaxKind::kMember, cover(base->at, tokens_.peek().at), tokens_.peek().text);
      node.children = {base};
      tokens_.take();
      base = finish(std::move(node));
    } else {
      return base;
    }
  }
  return nullptr;
}

SyntaxPtr ExpressionParser::call(const std::string& callee, const SourceSpan& at) {
  const Token open = tokens_.peek();
  tokens_.take();
  Syntax node = node_of(SyntaxKind::kCall, at, callee);
  while (!tokens_.at_symbol(")")) {
    if (callee == "balance" && tokens_.at_name("key") && tokens_.at_symbol("=", 1)) {
      if (!field_test(node)) return nullptr;
      break;
    }
    node.children.push_back(parse());
    if (!tokens_.take_symbol(",")) break;
  }
  if (!tokens_.close(open, ")")) return nullptr;
  node.at = cover(at, tokens_.previous().at);
  return finish(std::move(node));
}

// "(" name "," condition ")"
SyntaxPtr ExpressionParser::in_state(const SourceSpan& at) {
  const Token open = tokens_.peek();
  const Token machine = tokens_.peek(1);
  if (!tokens_.at_symbol("(") || machine.kind != TokenKind::kName || !tokens_.at_symbol(",", 2)) {
    tokens_.expected("an fsm and a condition after 'in_state'", "in_state(auth, state == in)");
    return nullptr;
  }
  for (int i = 0; i < 3; ++i) tokens_.take();
  Syntax node = node_of(SyntaxKind::kInState, at, machine.text);
  node.formula = FormulaParser(tokens_).property();
  if (node.formula == nullptr || !tokens_.close(open, ")")) return nullptr;
  node.at = cover(at, tokens_.previous().at);
  return finish(std::move(node));
}

// "(" duration { "," field } ")" [ "as" name ]
SyntaxPtr ExpressionParser::query(const SourceSpan& at, std::string_view word) {
  const Token open = tokens_.peek();
  const TokenKind duration = tokens_.peek(1).kind;
  const bool timed = duration == TokenKind::kDuration || duration == TokenKind::kNumber;
  if (!tokens_.at_symbol("(") || !timed) {
    if (tokens_.at_symbol("(")) tokens_.take();
    tokens_.expected("how often to report, after '" + std::string(word) + "('",
                     "count_packets(1s), count_bytes(10s, dstport) as NAME");
    return nullptr;
  }
  tokens_.take();
  Syntax node = node_of(SyntaxKind::kQuery, at, word);
  node.children.push_back(literal());
  return query_fields(std::move(node), open);
}

// "packets" "(" [ number { "," field } ] ")" [ "as" name ]
SyntaxPtr ExpressionParser::packets_query(const SourceSpan& at) {
  const Token open = tokens_.peek();
  if (!tokens_.take_symbol("(")) {
    tokens_.expected("'(' after 'packets'", "packets(), packets(1, dstport) as NAME");
    return nullptr;
  }
  Syntax node = node_of(SyntaxKind::kQuery, at, "packets");
  if (tokens_.at_symbol(")")) return query_fields(std::move(node), open);
  if (tokens_.peek().kind != TokenKind::kNumber) {
    tokens_.expected("how many packets to count, after 'packets('", "packets(1, dstport)");
    return nullptr;
  }
  node.children.push_back(literal());
  return query_fields(std::move(node), open);
}

SyntaxPtr ExpressionParser::query_fields(Syntax node, const Token& open) {
  while (tokens_.take_symbol(",")) {
    // As Pyretic has them: [ "group_by" "=" ] "[" string { "," string } "]"
    if (tokens_.at_name("group_by") && tokens_.at_symbol("=", 1)) {
      tokens_.take();
      tokens_.take();
    }
    const Token bracket = tokens_.peek();
    const bool listed = tokens_.take_symbol("[");
    if (listed && tokens_.take_symbol("]")) continue;
    do {
      if (!query_field(node)) return nullptr;
    } while (listed && tokens_.take_symbol(","));
    if (listed && !tokens_.close(bracket, "]")) return nullptr;
  }
  if (!tokens_.close(open, ")")) return nullptr;
  node.at = cover(node.at, tokens_.previous().at);
  return query_name(node) ? finish(std::move(node)) : nullptr;
}

bool ExpressionParser::query_field(Syntax& into) {
  const Token field = tokens_.peek();
  if (field.kind != TokenKind::kName && field.kind != TokenKind::kString) {
    tokens_.expected("a field to group by", "count_packets(1s, dstport)");
    return false;
  }
  tokens_.take();
  into.children.push_back(finish(node_of(SyntaxKind::kName, field.at, field.text)));
  return true;
}

// A definition may be called `as`, so a name has to follow.
bool ExpressionParser::query_name(Syntax& into) {
  if (!tokens_.at_name("as") || tokens_.at_symbol("=", 1)) return true;
  tokens_.take();
  const Token name = tokens_.peek();
  if (name.kind != TokenKind::kName && name.kind != TokenKind::kString) {
    tokens_.expected("a name after 'as'");
    return false;
  }
  tokens_.take();
  into.label = name.text;
  into.at = cover(into.at, name.at);
  return true;
}

SyntaxPtr ExpressionParser::fields(const SourceSpan& at, std::string_view word) {
  const Token open = tokens_.peek();
  if (!tokens_.take_symbol("(")) {
    tokens_.expected("'(' after '" + std::string(word) + "'");
    return nullptr;
  }
  Syntax node = node_of(SyntaxKind::kFields, at, word == "mod" ? "modify" : word);
  while (!tokens_.at_symbol(")")) {
    if (!field_test(node)) return nullptr;
    if (!tokens_.take_symbol(",")) break;
  }
  // No operator stands inside, so what goes on with one was meant to be closed.
  if (!tokens_.close(open, ")") && !at_operator()) return nullptr;
  node.at = cover(at, tokens_.previous().at);
  return finish(std::move(node));
}

bool ExpressionParser::at_operator() const {
  constexpr std::array<std::string_view, 4> kOperators{">>", "+", "|", "//"};
  return std::any_of(kOperators.begin(), kOperators.end(),
                     [this](std::string_view each) { return tokens_.at_symbol(each); });
}

bool ExpressionParser::field_test(Syntax& into) {
  const bool of_route = into.text == "rib" || into.text == "src_rib";
  const Token field = tokens_.peek();
  if (field.kind != TokenKind::kName) {
    tokens_.expected(of_route ? "a test of a route" : "a field",
                     of_route ? "such as community=64500:1" : "such as dstport=80");
    return false;
  }
  tokens_.take();
  const Token op = tokens_.peek();
  const bool compares = at_comparison(0);
  const bool matches = of_route && tokens_.at_symbol("=~");
  if (!compares && !matches && !tokens_.at_name("in")) {
    const std::string_view what = of_route ? "'" : "the field '";
    tokens_.expected("'=' after " + std::string(what) + std::string(field.text) + "'");
    return false;
  }
  tokens_.take();
  // A prefix set has operators of its own.
  SyntaxPtr right = of_route && field.text == "prefix" ? binary(kSetLevel) : values();
  if (right == nullptr) return false;
  const SourceSpan at = cover(field.at, right->at);
  const bool equals = op.text == "==" || op.text == "in";
  into.tests.push_back({field.text, field.at, equals ? "=" : op.text, std::move(right), at});
  return true;
}

// value { "/" value }
SyntaxPtr ExpressionParser::values() {
  SyntaxPtr first = deeper(&ExpressionParser::value);
  if (first == nullptr || !tokens_.at_symbol("/")) return first;
  Syntax node = node_of(SyntaxKind::kList, first->at);
  node.children.push_back(std::move(first));
  while (tokens_.take_symbol("/")) {
    SyntaxPtr next = deeper(&ExpressionParser::value);
    if (next == nullptr) return nullptr;
    node.at = cover(node.at, next->at);
    node.children.push_back(std::move(next));
  }
  return finish(std::move(node));
}

// atom [ ("-" | "..") atom ] | atom "&" mask
SyntaxPtr ExpressionParser::value() {
  SyntaxPtr first = value_atom();
  if (first == nullptr) return nullptr;
  const bool range = tokens_.at_symbol("-") || tokens_.at_symbol("..");
  if (!range && !tokens_.at_symbol("&")) return first;
  tokens_.take();
  SyntaxPtr second = value_atom();
  if (second == nullptr) return nullptr;
  return finish(
      joined(range ? SyntaxKind::kMinus : SyntaxKind::kAnd, std::move(first), std::move(second)));
}

SyntaxPtr ExpressionParser::value_atom() {
  const Token open = tokens_.peek();
  const bool bracket = tokens_.at_symbol("[");
  if (bracket || tokens_.at_symbol("{")) {
    const std::string_view close = bracket ? "]" : "}";
    Syntax node = node_of(SyntaxKind::kList, open.at);
    tokens_.take();
    while (!tokens_.at_symbol(close)) {
      SyntaxPtr element = values();
      if (element == nullptr) return nullptr;
      node.children.push_back(std::move(element));
      if (!tokens_.take_symbol(",")) break;
    }
    if (!tokens_.close(open, close)) return nullptr;
    node.at = cover(open.at, tokens_.previous().at);
    return finish(std::move(node));
  }
  if (open.kind == TokenKind::kSymbol || open.kind == TokenKind::kEnd || tokens_.at_statement()) {
    tokens_.expected("a value");
    return nullptr;
  }
  if (open.kind != TokenKind::kName) return literal();
  tokens_.take();
  return finish(node_of(SyntaxKind::kName, open.at, open.text));
}

}  // namespace fabrix::policy
