#include "policy/invariant_parser.h"

#include <string>
#include <utility>

namespace fabrix::policy {

std::optional<InvariantSyntax> InvariantParser::invariant() {
  const Token word = tokens_.peek();
  tokens_.take();
  const Token name = tokens_.peek();
  if (name.kind != TokenKind::kName || !tokens_.at_symbol(":", 1)) {
    tokens_.expected("a name and ':' after 'invariant'",
                     "invariant no_mail: never match(dstport=25) >> fwd(B)");
    tokens_.skip_statement(word.depth);
    return std::nullopt;
  }
  tokens_.take();
  tokens_.take();
  InvariantSyntax result;
  result.name = name.text;
  result.at = name.at;
  const bool good = claim(result);
  // What an invariant mixes is no section's business.
  expressions_.take_mixes();
  const bool ends = tokens_.at_end() || tokens_.peek().starts_line || tokens_.at_symbol("}");
  if (good && ends) return result;
  if (good) {
    tokens_.complain(
        "P0103", tokens_.peek().at,
        "expected the end of the line, found '" + std::string(tokens_.peek().text) + "'");
  }
  if (!ends) tokens_.skip_statement(word.depth);
  return std::nullopt;
}

bool InvariantParser::claim(InvariantSyntax& into) {
  if (tokens_.at_name("isolated")) return isolation(into);
  const bool never = tokens_.at_name("never");
  if (!never && !tokens_.at_name("always")) return comparison(into);
  into.kind = never ? InvariantKind::kNever : InvariantKind::kAlways;
  tokens_.take();
  return expression(into);
}

bool InvariantParser::expression(InvariantSyntax& into) {
  SyntaxPtr operand = expressions_.parse();
  if (operand == nullptr) return false;
  into.operands.push_back(std::move(operand));
  return true;
}

bool InvariantParser::comparison(InvariantSyntax& into) {
  if (!expression(into)) return false;
  if (tokens_.take_symbol("<=")) {
    into.kind = InvariantKind::kWithin;
  } else if (tokens_.take_symbol("==")) {
    into.kind = InvariantKind::kEqual;
  } else if (tokens_.take_symbol("!=")) {
    into.kind = InvariantKind::kDiffer;
  } else {
    tokens_.expected("'<=', '==' or '!='", "or an invariant that begins with never or always");
    return false;
  }
  return expression(into);
}

bool InvariantParser::isolation(InvariantSyntax& into) {
  into.kind = InvariantKind::kIsolated;
  tokens_.take();
  const Token open = tokens_.peek();
  if (!tokens_.take_symbol("(")) {
    tokens_.expected("'(' after 'isolated'", "isolated(A, B)");
    return false;
  }
  if (!expression(into)) return false;
  if (!tokens_.take_symbol(",")) {
    tokens_.expected("',' and another participant or port", "isolated(A, B)");
    return false;
  }
  return expression(into) && tokens_.close(open, ")");
}

}  // namespace fabrix::policy
