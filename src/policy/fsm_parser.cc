#include "policy/fsm_parser.h"

#include <string>
#include <utility>

#include "policy/fsm_formula_parser.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

WordSyntax word_of(const Token& token) {
  return {token.text, token.at};
}

}  // namespace

std::optional<WordSyntax> FsmParser::name(std::string_view what) {
  const Token token = tokens_.peek();
  const bool is_item = token.starts_line && is_item_word(token.text);
  if (token.kind != TokenKind::kName || is_item || tokens_.at_statement()) {
    tokens_.expected(what);
    return std::nullopt;
  }
  tokens_.take();
  return word_of(token);
}

std::optional<WordSyntax> FsmParser::value(std::string_view what) {
  const Token token = tokens_.peek();
  if (token.kind != TokenKind::kNumber) return name(what);
  tokens_.take();
  return word_of(token);
}

bool FsmParser::symbol(std::string_view symbol, std::string_view after) {
  if (tokens_.take_symbol(symbol)) return true;
  tokens_.expected("'" + std::string(symbol) + "' after " + std::string(after));
  return false;
}

// bool | "{" value { "," value } "}" | number ".." number
bool FsmParser::domain(DomainSyntax& into) {
  const Token first = tokens_.peek();
  into.at = first.at;
  if (tokens_.at_name("bool")) {
    tokens_.take();
    return true;
  }
  if (first.kind == TokenKind::kNumber) {
    into.kind = DomainSyntax::Kind::kRange;
    tokens_.take();
    if (!tokens_.take_symbol("..") && !symbol("-", "the lowest number")) return false;
    const auto high = value("the highest number");
    if (!high) return false;
    into.names = {word_of(first), *high};
    into.at = cover(first.at, high->at);
    return true;
  }
  if (!tokens_.take_symbol("{")) {
    tokens_.expected("a type", "bool, {a, b, c} or 0..9");
    return false;
  }
  into.kind = DomainSyntax::Kind::kNames;
  while (!tokens_.at_symbol("}")) {
    const auto each = value("a value");
    if (!each) return false;
    into.names.push_back(*each);
    if (!tokens_.take_symbol(",")) break;
  }
  if (!tokens_.close(first, "}")) return false;
  into.at = cover(first.at, tokens_.previous().at);
  return true;
}

// To the end of a statement that cannot be read. Where a line begins, it has ended.
void FsmParser::skip_rest(const Token& first) {
  if (!tokens_.peek().starts_line) tokens_.skip_statement(first.depth);
}

std::optional<EventSyntax> FsmParser::event() {
  const Token word = tokens_.peek();
  tokens_.take();
  EventSyntax event;
  const auto named = name("the name of an event");
  if (!named || !symbol(":", "the event's name") || !domain(event.domain)) {
    skip_rest(word);
    return std::nullopt;
  }
  event.name = *named;
  if (tokens_.at_name("from") && !tokens_.peek().starts_line) {
    tokens_.take();
    event.source = name("the source of the event");
  }
  tokens_.take_symbol(";");
  if (tokens_.at_end() || tokens_.peek().starts_line || tokens_.at_symbol("}")) return event;
  tokens_.expected("the end of the line", "event NAME : TYPE [from SOURCE]");
  skip_rest(word);
  return std::nullopt;
}

bool FsmParser::at_item() const {
  return tokens_.peek().kind == TokenKind::kName && is_item_word(tokens_.peek().text);
}

// To the next item, or to what ends the fsm, whose items stand at `depth`.
void FsmParser::skip_item(std::uint32_t depth) {
  const auto ends = [this, depth] {
    const Token& token = tokens_.peek();
    if (tokens_.at_end() || token.depth < depth) return true;
    return token.starts_line && (tokens_.at_statement() || (at_item() && token.depth == depth));
  };
  if (!ends()) tokens_.take();
  while (!ends()) tokens_.take();
}

std::optional<MachineSyntax> FsmParser::machine() {
  const Token word = tokens_.peek();
  tokens_.take();
  MachineSyntax machine;
  if (!header(machine)) {
    skip_rest(word);
    return std::nullopt;
  }
  const Token open = tokens_.previous();
  bool good = true;
  // A bracket too many may have ended it.
  const auto ends = [this, &open] {
    return tokens_.peek().depth <= open.depth || tokens_.at_symbol("}") || tokens_.at_statement();
  };
  while (!ends()) {
    if (item(machine)) continue;
    good = false;
    skip_item(open.depth + 1);
  }
  if (!tokens_.close(open, "}") || !good) return std::nullopt;
  return machine;
}

bool FsmParser::header(MachineSyntax& machine) {
  const auto named = name("the name of an fsm");
  if (!named) return false;
  machine.name = *named;
  if (tokens_.at_name("per")) {
    tokens_.take();
    if (!key(machine)) return false;
  }
  return symbol("{", "the head of an fsm");
}

bool FsmParser::at_key_field(std::size_t ahead) const {
  const bool ends = tokens_.at_symbol(",", ahead + 1) || tokens_.at_symbol(")", ahead + 1) ||
                    tokens_.at_symbol("{", ahead + 1);
  return ends && tokens_.peek(ahead).kind == TokenKind::kName &&
         find_field(tokens_.peek(ahead).text).has_value();
}

bool FsmParser::key(MachineSyntax& machine) {
  const Token open = tokens_.peek();
  if (at_key_field(0)) return key_fields(machine);
  if (tokens_.at_symbol("(") && at_key_field(1)) {
    tokens_.take();
    return key_fields(machine) && tokens_.close(open, ")");
  }
  if (tokens_.at_symbol("{")) {
    tokens_.expected("a field or a predicate after 'per'", "per srcip, per (srcmac, srcip)");
    return false;
  }
  machine.scope = expressions_.parse();
  expressions_.take_mixes();
  return machine.scope != nullptr && machine.scope->kind != SyntaxKind::kError;
}

bool FsmParser::key_fields(MachineSyntax& machine) {
  do {
    const auto field = name("a field");
    if (!field) return false;
    machine.key.push_back(*field);
  } while (tokens_.take_symbol(","));
  return true;
}

bool FsmParser::item(MachineSyntax& machine) {
  const Token word = tokens_.peek();
  if (!at_item()) {
    tokens_.complain("P0104", word.at,
                     "expected an item of the fsm, found '" + std::string(word.text) + "'",
                     "var, on, policy, check or timeout");
    return false;
  }
  tokens_.take();
  bool good = false;
  if (word.text == "var") good = variable(machine);
  if (word.text == "on") good = reaction(machine);
  if (word.text == "policy") good = behaviour(machine);
  if (word.text == "check") good = check(machine);
  if (word.text == "timeout") good = timeout(machine);
  if (good) tokens_.take_symbol(";");
  return good;
}

bool FsmParser::variable(MachineSyntax& machine) {
  VariableSyntax variable;
  const auto named = name("the name of a variable");
  if (!named || !symbol(":", "the variable's name") || !domain(variable.domain)) return false;
  variable.name = *named;
  if (tokens_.take_symbol("=")) {
    variable.initial = value("the initial value");
    if (!variable.initial) return false;
  }
  machine.variables.push_back(std::move(variable));
  return true;
}

// [ "when" condition ]
bool FsmParser::guard(FormulaPtr& when) {
  if (!tokens_.at_name("when")) return true;
  tokens_.take();
  when = FormulaParser(tokens_).condition();
  return when != nullptr;
}

bool FsmParser::reaction(MachineSyntax& machine) {
  ReactionSyntax reaction;
  reaction.at = tokens_.previous().at;
  const auto event = name("the name of an event");
  if (!event || !guard(reaction.when) || !assignments(reaction.assignments)) return false;
  reaction.event = *event;
  reaction.at = cover(reaction.at, event->at);
  machine.reactions.push_back(std::move(reaction));
  return true;
}

bool FsmParser::assignments(std::vector<AssignmentSyntax>& into) {
  const Token open = tokens_.peek();
  if (!tokens_.take_symbol("{")) {
    tokens_.expected("'{' and what to assign", "{ state = in }");
    return false;
  }
  while (!tokens_.at_symbol("}")) {
    if (!assignment(into)) return false;
    const bool separated = tokens_.take_symbol(";") || tokens_.take_symbol(",");
    if (!separated && !tokens_.peek().starts_line) break;
  }
  return tokens_.close(open, "}");
}

bool FsmParser::assignment(std::vector<AssignmentSyntax>& into) {
  AssignmentSyntax assignment;
  const auto named = name("the name of a variable");
  if (!named || !symbol("=", "the variable's name")) return false;
  const auto operand = value("a value");
  if (!operand) return false;
  assignment.name = *named;
  assignment.operand = *operand;
  if (tokens_.at_symbol("+") || tokens_.at_symbol("-")) {
    assignment.op = tokens_.peek().text;
    tokens_.take();
    if (tokens_.peek().kind != TokenKind::kNumber) {
      tokens_.expected("a number after '" + std::string(assignment.op) + "'");
      return false;
    }
    assignment.step = word_of(tokens_.peek());
    tokens_.take();
  }
  into.push_back(assignment);
  return true;
}

// An expression that ends at a ';', at the end of its line, or with the block.
SyntaxPtr FsmParser::expression() {
  SyntaxPtr body = expressions_.parse();
  expressions_.take_mixes();
  if (tokens_.at_end() || tokens_.peek().starts_line || tokens_.at_symbol(";") ||
      tokens_.at_symbol("}")) {
    return body;
  }
  tokens_.complain("P0103", tokens_.peek().at,
                   "expected an operator or the end of the line, found '" +
                       std::string(tokens_.peek().text) + "'",
                   "operators are // + >> | & - ~");
  return nullptr;
}

bool FsmParser::behaviour(MachineSyntax& machine) {
  const Token word = tokens_.previous();
  if (!symbol("=", "'policy'")) return false;
  if (!machine.cases.empty()) {
    tokens_.complain("P0106", word.at, "the policy of an fsm is given twice",
                     "policy = case { CONDITION -> EXPR ; else -> EXPR }");
    return false;
  }
  if (tokens_.at_name("case")) return cases(machine);
  CaseSyntax only;
  only.body = expression();
  if (only.body == nullptr) return false;
  only.at = only.body->at;
  machine.cases.push_back(std::move(only));
  return true;
}

bool FsmParser::cases(MachineSyntax& machine) {
  tokens_.take();
  const Token open = tokens_.peek();
  if (!symbol("{", "'case'")) return false;
  machine.is_case = true;
  while (!tokens_.at_symbol("}")) {
    CaseSyntax each;
    each.at = tokens_.peek().at;
    if (tokens_.at_name("else")) {
      tokens_.take();
    } else {
      each.when = FormulaParser(tokens_).condition();
      if (each.when == nullptr) return false;
      each.at = each.when->at;
    }
    if (!symbol("->", "the condition of a case")) return false;
    each.body = expression();
    if (each.body == nullptr) return false;
    machine.cases.push_back(std::move(each));
    tokens_.take_symbol(";");
    if (tokens_.at_end() || tokens_.at_statement()) break;
  }
  return tokens_.close(open, "}");
}

bool FsmParser::check(MachineSyntax& machine) {
  FormulaPtr property = FormulaParser(tokens_).property();
  if (property == nullptr) return false;
  machine.checks.push_back(std::move(property));
  return true;
}

bool FsmParser::timeout(MachineSyntax& machine) {
  TimeoutSyntax timeout;
  timeout.at = tokens_.previous().at;
  const Token duration = tokens_.peek();
  if (duration.kind != TokenKind::kDuration) {
    tokens_.expected("a duration", "such as 30s, 5m or 12h");
    return false;
  }
  tokens_.take();
  timeout.duration = word_of(duration);
  timeout.at = cover(timeout.at, duration.at);
  if (!guard(timeout.when) || !symbol("->", "the duration")) return false;
  if (!assignments(timeout.assignments)) return false;
  machine.timeouts.push_back(std::move(timeout));
  return true;
}

}  // namespace fabrix::policy
