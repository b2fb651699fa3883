#include "policy/dsl.h"

#include <algorithm>

#include "policy/vocabulary.h"

namespace fabrix::policy::dsl {
namespace {

constexpr std::string_view symbol_of(Binding binding) {
  switch (binding) {
    case Binding::kRanked:
      return " // ";
    case Binding::kParallel:
      return " + ";
    case Binding::kSequence:
      return " >> ";
    case Binding::kOr:
      return " | ";
    case Binding::kAnd:
      return " & ";
    case Binding::kMinus:
      return " - ";
    default:
      return "";
  }
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name(std::string_view text) {
  const bool well_formed =
      !text.empty() && is_letter(text.front()) &&
      std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
  return well_formed && !is_builtin(text);
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// A number, an address, or several with something between.
bool is_literal(std::string_view text) {
  constexpr std::string_view kBetween = ".:/-&";
  const bool number = !text.empty() && is_digit(text.front());
  const bool address = text.find(':') != std::string_view::npos;
  return (number || address) && std::ranges::all_of(text, [&](char c) {
           return (number ? is_letter(c) || is_digit(c) : is_hex(c)) ||
                  kBetween.find(c) != std::string_view::npos;
         });
}

std::string listed(std::span<const Value> values) {
  std::string result;
  for (const Value& each : values) result += (result.empty() ? "" : ", ") + each.text();
  return result;
}

// Whether what follows stands outside all brackets and strings.
class Nesting {
 public:
  void take(char c) {
    if (quote_ != '\0') {
      if (c == quote_) quote_ = '\0';
    } else if (c == '\'' || c == '"') {
      quote_ = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth_;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth_;
    }
  }
  bool is_outside() const { return quote_ == '\0' && depth_ == 0; }

 private:
  unsigned depth_ = 0;
  char quote_ = '\0';
};

// A line for each operand of a sum or a ranking.
std::string in_lines(const Expression& expression, std::string_view indent) {
  const std::string_view text = expression.text();
  const Binding binding = expression.binding();
  if (binding != Binding::kParallel && binding != Binding::kRanked) return std::string(text);
  const std::string_view symbol = symbol_of(binding);
  std::string result;
  Nesting nesting;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (nesting.is_outside() && text.substr(i).starts_with(symbol)) {
      result += '\n';
      result += indent;
    } else {
      result += text[i];
    }
    nesting.take(text[i]);
  }
  return result;
}

void add_section(std::string_view name, const std::optional<Policy>& policy, std::string& text) {
  if (!policy) return;
  text += name;
  text += " = " + in_lines(*policy, std::string(name.size() + 1, ' ')) + "\n";
}

}  // namespace

std::string Expression::bracketed() const {
  return binding_ == Binding::kAtom ? text_ : "(" + text_ + ")";
}

Expression Expression::join(const Expression& a, Binding binding, const Expression& b) {
  std::string text = a.binding_ == binding ? a.text_ : a.bracketed();
  text += symbol_of(binding);
  text += b.bracketed();
  return Expression(std::move(text), binding);
}

Expression Expression::negate(const Expression& a) {
  return Expression("~" + a.bracketed(), Binding::kNot);
}

Expression Expression::call(std::string_view word,
                            std::initializer_list<std::string_view> arguments) {
  std::string text(word);
  std::string_view before = "(";
  for (const std::string_view each : arguments) {
    text += before;
    text += each;
    before = ", ";
  }
  if (arguments.size() == 0) text += '(';
  return Expression(text + ")");
}

std::string quoted(std::string_view text) {
  const char quote = text.find('\'') == std::string_view::npos ? '\'' : '"';
  std::string result(1, quote);
  for (const char c : text) result += c == '\n' || c == quote ? '?' : c;
  return result + quote;
}

std::string word(std::string_view text) {
  return is_name(text) || is_literal(text) ? std::string(text) : quoted(text);
}

Value range(const Value& first, const Value& last) {
  return {Value::AsItIs{}, first.text() + ".." + last.text()};
}

Value masked(const Value& bits, const Value& mask) {
  return {Value::AsItIs{}, bits.text() + "&" + mask.text()};
}

std::string Field::listed(std::span<const Value> set) {
  return "{" + dsl::listed(set) + "}";
}

std::string Field::written(std::string_view op, std::string_view value) const {
  std::string text(name_);
  text += op;
  text += value;
  return text;
}

Target::Target(std::string_view name)
    : text_(is_name(name) ? std::string(name) : quoted(name)),
      owner_(is_name(name) ? text_ : "participants[" + text_ + "].phys_ports") {}

Target Target::operator[](std::size_t index) const {
  Target result;
  result.text_ = owner_ + "[" + std::to_string(index) + "]";
  result.owner_ = result.text_;
  return result;
}

Target port(std::size_t index) {
  Target result;
  result.text_ = "port[" + std::to_string(index) + "]";
  result.owner_ = result.text_;
  return result;
}

Policy if_(const Filter& condition, const Policy& then, const Policy& otherwise) {
  return Policy(Expression::call("if_", {condition.text(), then.text(), otherwise.text()}));
}

Filter match(std::initializer_list<Comparison> tests) {
  std::string text;
  for (const Comparison& each : tests) text += (text.empty() ? "" : ", ") + each.text;
  return Filter(Expression::call("match", {text}));
}

Action modify(std::initializer_list<Assignment> writes) {
  std::string text;
  for (const Assignment& each : writes) text += (text.empty() ? "" : ", ") + each.text;
  return Action(Expression::call("modify", {text}));
}

Action fwd(const Target& target) {
  return Action(Expression::call("fwd", {target.text()}));
}

PrefixSet::PrefixSet(std::span<const Value> members)
    : Expression("[" + dsl::listed(members) + "]") {}

PrefixSet prefixes(const Target& participant) {
  return PrefixSet(Expression::call("prefixes", {participant.text()}));
}

Filter dst_in(const PrefixSet& set) {
  return Filter(Expression::call("dst_in", {set.text()}));
}

Filter src_in(const PrefixSet& set) {
  return Filter(Expression::call("src_in", {set.text()}));
}

Filter announced_by(const Target& participant) {
  return Filter(Expression::call("announced_by", {participant.text()}));
}

Filter from(const Target& participant) {
  return Filter(Expression::call("from", {participant.text()}));
}

std::string to_text(const Sections& sections) {
  std::string text;
  add_section("outbound", sections.outbound, text);
  add_section("inbound", sections.inbound, text);
  add_section("final_policy", sections.final_policy, text);
  return text;
}

Result<Parsed, std::vector<Diagnostic>> check(const Sections& sections, std::string_view name,
                                              const SymbolTable& symbols) {
  return parse(to_text(sections), name, symbols);
}

}  // namespace fabrix::policy::dsl
