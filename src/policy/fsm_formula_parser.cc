#include "policy/fsm_formula_parser.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "policy/parser.h"
#include "policy/syntax.h"

namespace fabrix::policy {
namespace {

WordSyntax word_of(const Token& token) {
  return {token.text, token.at};
}

FormulaPtr finish(FormulaSyntax node) {
  return std::make_shared<const FormulaSyntax>(std::move(node));
}

FormulaPtr joined(FormulaKind kind, FormulaPtr a, FormulaPtr b) {
  FormulaSyntax node;
  node.kind = kind;
  node.at = cover(a->at, b->at);
  node.children = {std::move(a), std::move(b)};
  return finish(std::move(node));
}

struct Temporal {
  std::string_view word;
  FormulaKind kind;
};

constexpr std::array<Temporal, 6> kTemporal{{{"AX", FormulaKind::kAllNext},
                                             {"AF", FormulaKind::kAllFinally},
                                             {"AG", FormulaKind::kAllGlobally},
                                             {"EX", FormulaKind::kSomeNext},
                                             {"EF", FormulaKind::kSomeFinally},
                                             {"EG", FormulaKind::kSomeGlobally}}};

}  // namespace

bool is_item_word(std::string_view word) {
  constexpr std::array<std::string_view, 5> kItems{"var", "on", "policy", "check", "timeout"};
  return std::find(kItems.begin(), kItems.end(), word) != kItems.end();
}

FormulaPtr FormulaParser::deeper(FormulaPtr (FormulaParser::*rule)()) {
  if (nesting_ >= kMaxNesting) {
    tokens_.complain("P0107", tokens_.peek().at,
                     "nested deeper than " + std::to_string(kMaxNesting) + " levels");
    return nullptr;
  }
  ++nesting_;
  FormulaPtr result = (this->*rule)();
  --nesting_;
  return result;
}

FormulaPtr FormulaParser::implication() {
  FormulaPtr left = disjunction();
  if (left == nullptr || !tokens_.take_symbol("->")) return left;
  FormulaPtr right = deeper(&FormulaParser::implication);
  if (right == nullptr) return nullptr;
  return joined(FormulaKind::kImplies, std::move(left), std::move(right));
}

// One operand, or a node of any number of them.
FormulaPtr FormulaParser::chain(FormulaKind kind, std::string_view op,
                                FormulaPtr (FormulaParser::*operand)()) {
  FormulaSyntax node;
  node.kind = kind;
  do {
    FormulaPtr next = (this->*operand)();
    if (next == nullptr) return nullptr;
    node.children.push_back(std::move(next));
  } while (tokens_.take_symbol(op));
  if (node.children.size() == 1) return std::move(node.children.front());
  node.at = cover(node.children.front()->at, node.children.back()->at);
  return finish(std::move(node));
}

FormulaPtr FormulaParser::disjunction() {
  return chain(FormulaKind::kOr, "|", &FormulaParser::conjunction);
}

FormulaPtr FormulaParser::conjunction() {
  return chain(FormulaKind::kAnd, "&", &FormulaParser::unary);
}

FormulaPtr FormulaParser::unary() {
  const Token token = tokens_.peek();
  FormulaSyntax node;
  node.kind = FormulaKind::kNot;
  node.at = token.at;
  const bool negates = tokens_.at_symbol("~") || tokens_.at_name("not");
  const auto* const temporal =
      std::find_if(kTemporal.begin(), kTemporal.end(),
                   [&token](const Temporal& each) { return each.word == token.text; });
  const bool is_temporal = token.kind == TokenKind::kName && temporal != kTemporal.end();
  if (!negates && !is_temporal) return deeper(&FormulaParser::nested);
  if (is_temporal) node.kind = temporal->kind;
  tokens_.take();
  FormulaPtr operand = deeper(&FormulaParser::unary);
  if (operand == nullptr) return nullptr;
  node.at = cover(token.at, operand->at);
  node.children = {std::move(operand)};
  return finish(std::move(node));
}

FormulaPtr FormulaParser::nested() {
  const Token open = tokens_.peek();
  if (tokens_.take_symbol("(")) {
    FormulaPtr inner = implication();
    if (inner == nullptr || !tokens_.close(open, ")")) return nullptr;
    return inner;
  }
  if (tokens_.at_name("A") && tokens_.at_symbol("[", 1)) return until(FormulaKind::kAllUntil);
  if (tokens_.at_name("E") && tokens_.at_symbol("[", 1)) return until(FormulaKind::kSomeUntil);
  return comparison();
}

FormulaPtr FormulaParser::until(FormulaKind kind) {
  const Token word = tokens_.peek();
  tokens_.take();
  const Token open = tokens_.peek();
  tokens_.take();
  FormulaPtr left = implication();
  if (left == nullptr) return nullptr;
  if (!tokens_.at_name("U")) {
    tokens_.expected("'U'", "A[p U q]: p holds until q does");
    return nullptr;
  }
  tokens_.take();
  FormulaPtr right = implication();
  if (right == nullptr || !tokens_.close(open, "]")) return nullptr;
  FormulaSyntax node;
  node.kind = kind;
  node.at = cover(word.at, tokens_.previous().at);
  node.children = {std::move(left), std::move(right)};
  return finish(std::move(node));
}

FormulaPtr FormulaParser::comparison() {
  constexpr std::array<std::string_view, 7> kComparisons{"==", "=", "!=", "<=", ">=", "<", ">"};
  const Token name = tokens_.peek();
  const bool is_item = name.starts_line && is_item_word(name.text);
  if (name.kind != TokenKind::kName || is_item || tokens_.at_statement()) {
    tokens_.expected("a condition", "such as state == in, or ~(load == high)");
    return nullptr;
  }
  tokens_.take();
  FormulaSyntax node;
  node.at = name.at;
  node.name = word_of(name);
  const Token op = tokens_.peek();
  const bool compares =
      std::any_of(kComparisons.begin(), kComparisons.end(),
                  [this](std::string_view each) { return tokens_.at_symbol(each); });
  if (!compares) return finish(std::move(node));
  tokens_.take();
  const Token value = tokens_.peek();
  if (value.kind != TokenKind::kName && value.kind != TokenKind::kNumber) {
    tokens_.expected("a value after '" + std::string(op.text) + "'");
    return nullptr;
  }
  tokens_.take();
  node.kind = FormulaKind::kCompare;
  node.op = op.text == "=" ? "==" : op.text;
  node.value = word_of(value);
  node.at = cover(name.at, value.at);
  return finish(std::move(node));
}

}  // namespace fabrix::policy
