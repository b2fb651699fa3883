#include "policy/parser.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "policy/expression_parser.h"
#include "policy/fsm_parser.h"
#include "policy/invariant_parser.h"
#include "policy/token_stream.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

class FileParser {
 public:
  FileParser(const Lexed& lexed, Precedence precedence, Report& report)
      : policy_return_(last_return(lexed)),
        tokens_(lexed, report),
        expressions_(tokens_, precedence),
        fsms_(tokens_, expressions_),
        invariants_(tokens_, expressions_),
        report_(report) {}

  File run() {
    while (!tokens_.at_end()) statement();
    if (in_block_) tokens_.close(block_open_, "}");
    return std::move(file_);
  }

 private:
  void statement() {
    const Token token = tokens_.peek();
    if (in_block_ && tokens_.at_symbol("}")) {
      in_block_ = false;
      tokens_.take();
    } else if (token.kind != TokenKind::kName) {
      unexpected();
    } else if (token.text == "policy") {
      open_block();
    } else if (is_python()) {
      python();
    } else if (token.text == "chain") {
      chain();
    } else if (token.text == "invariant") {
      invariant();
    } else if (token.text == "event") {
      event();
    } else if (token.text == "fsm") {
      machine();
    } else if (is_section(token.text)) {
      section();
    } else {
      definition();
    }
  }

  static bool is_section(std::string_view word) {
    return word == "outbound" || word == "inbound" || word == "final_policy";
  }

  // The `return` that says what the policy is: the last one, where nothing else says it.
  static std::optional<SourceSpan> last_return(const Lexed& lexed) {
    std::optional<SourceSpan> last;
    for (std::size_t i = 0; i + 1 < lexed.tokens.size(); ++i) {
      const Token& token = lexed.tokens[i];
      if (!token.starts_line || token.kind != TokenKind::kName) continue;
      const bool is_set = lexed.tokens[i + 1].text == "=";
      if (is_section(token.text) && is_set) return std::nullopt;
      if (token.text == "return" && !is_set) last = token.at;
    }
    return last;
  }

  // What stands around a policy in Pyretic: `import x`, `from x import y`, `def policy(...):`,
  // `return final_policy`; but `from = ...` would be a definition.
  bool is_python() const {
    const std::string_view word = tokens_.peek().text;
    if (word == "return") return !tokens_.at_symbol("=", 1);
    const bool named = tokens_.peek(1).kind == TokenKind::kName;
    return named && (word == "import" || word == "from" || word == "def");
  }

  void python() {
    const Token word = tokens_.peek();
    if (word.at == policy_return_) return returned(word);
    const bool is_function = word.text == "def";
    const bool is_helper = is_function && !makes_policy();
    report_.note("P0111", word.at,
                 "'" + std::string(word.text) + "' is not needed here: this " +
                     (is_helper ? "function" : "line") + " is ignored");
    tokens_.skip_statement(word.depth);
    while (is_helper && is_inside(word, tokens_.peek())) tokens_.take();
    if (is_function) file_.has_functions = true;
  }

  // Whether a token belongs to what a line above it begins, as its indentation says.
  static bool is_inside(const Token& head, const Token& token) {
    if (token.kind == TokenKind::kEnd) return false;
    const bool closes = token.text == ")" || token.text == "]" || token.text == "}";
    return !token.starts_line || token.depth > head.depth || token.at.column > head.at.column ||
           closes;
  }

  // Of the function that begins here.
  bool makes_policy() const {
    const Token& head = tokens_.peek();
    std::size_t ahead = 1;
    for (; is_inside(head, tokens_.peek(ahead)); ++ahead) {
      const Token& token = tokens_.peek(ahead);
      if (!token.starts_line) continue;
      if (token.at == policy_return_) return true;
      if (is_section(token.text) && tokens_.at_symbol("=", ahead + 1)) return true;
    }
    return false;
  }

  void returned(const Token& word) {
    tokens_.take();
    SyntaxPtr body = to_end_of_line();
    file_.sections.push_back({SectionKind::kFinal, std::move(body), word.at,
                              expressions_.take_mixes(), file_.definitions.size()});
  }

  void unexpected() {
    tokens_.complain(
        "P0104", tokens_.peek().at,
        "expected a section or a definition, found '" + std::string(tokens_.peek().text) + "'",
        "a policy consists of lines such as outbound = match(dstport=80) >> fwd(B)");
    tokens_.skip_statement(tokens_.peek().depth);
  }

  void open_block() {
    tokens_.take();
    const bool named = tokens_.peek().kind == TokenKind::kName;
    if (!named || !tokens_.at_symbol("{", 1)) {
      tokens_.expected("a name and '{' after 'policy'");
      return tokens_.skip_statement(0);
    }
    tokens_.take();
    const Token& name = tokens_.previous();
    if (in_block_) {
      tokens_.complain("P0105", name.at, "a policy cannot stand inside another one",
                       "close the one before it with '}', and give each a file of its own");
    } else if (file_.block) {
      tokens_.complain("P0105", name.at, "a file holds the policy of one participant",
                       "give '" + std::string(name.text) + "' a file of its own");
    }
    if (!file_.block) file_.block = Block{std::string(name.text), name.at};
    block_open_ = tokens_.peek();
    in_block_ = true;
    tokens_.take();
  }

  static SectionKind section_kind(std::string_view word) {
    if (word == "outbound") return SectionKind::kOutbound;
    return word == "inbound" ? SectionKind::kInbound : SectionKind::kFinal;
  }

  void section() {
    const Token word = tokens_.peek();
    tokens_.take();
    SyntaxPtr body = right_hand_side(word);
    if (body == nullptr) return;
    const SectionKind kind = section_kind(word.text);
    const auto mixes = expressions_.take_mixes();
    for (const Section& other : file_.sections) {
      if (other.kind == kind) {
        report_.error(
            "P0106", word.at, "'" + std::string(word.text) + "' is given twice",
            "join both with '+' or '//'; the first is in line " + std::to_string(other.at.line));
        break;
      }
      if (other.kind != SectionKind::kFinal && kind != SectionKind::kFinal) continue;
      report_.error("P0106", word.at, "final_policy stands for outbound and inbound together",
                    "use either final_policy or the other two");
      break;
    }
    file_.sections.push_back({kind, std::move(body), word.at, mixes, file_.definitions.size()});
  }

  void definition() {
    if (tokens_.at_name("let")) tokens_.take();
    const Token name = tokens_.peek();
    const bool is_macro = tokens_.at_symbol("(", 1) && !is_builtin(name.text);
    if (name.kind != TokenKind::kName || !(is_macro || tokens_.at_symbol("=", 1))) {
      return unexpected();
    }
    tokens_.take();
    Definition definition{std::string(name.text), {}, nullptr, name.at};
    if (is_macro && !parameters(definition)) return tokens_.skip_statement(name.depth);
    definition.body = right_hand_side(name);
    add(std::move(definition));
  }

  void add(Definition definition) {
    expressions_.take_mixes();
    if (!takes_name(definition)) return;
    // What could not be read keeps its name, so that its uses are no further errors.
    if (definition.body == nullptr) definition.body = std::make_shared<const Syntax>();
    file_.definitions.push_back(std::move(definition));
  }

  // chain NAME = PORT { ">>" PORT }
  void chain() {
    tokens_.take();
    const Token name = tokens_.peek();
    const bool named = name.kind == TokenKind::kName && !name.starts_line;
    if (!named || !tokens_.at_symbol("=", 1)) {
      if (named) tokens_.take();
      tokens_.expected(named ? "'=' after the name of a chain" : "a name after 'chain'",
                       "such as chain web = firewall >> scanner");
      if (!tokens_.peek().starts_line) tokens_.skip_statement(name.depth);
      return;
    }
    tokens_.take();
    Definition definition{std::string(name.text), {}, nullptr, name.at};
    if (const SyntaxPtr links = right_hand_side(name)) {
      Syntax body;
      body.kind = SyntaxKind::kChain;
      body.at = links->at;
      body.children = {links};
      definition.body = std::make_shared<const Syntax>(std::move(body));
    }
    add(std::move(definition));
  }

  void event() {
    if (auto event = fsms_.event()) {
      file_.events.push_back(*std::move(event));
    } else {
      file_.lost_events = true;
    }
  }

  // What could not be read keeps its name, so that its uses are no further errors.
  void machine() {
    const Token name = tokens_.peek(1);
    auto machine = fsms_.machine();
    if (name.kind != TokenKind::kName) return;
    Syntax body;
    if (machine) body.kind = SyntaxKind::kMachine;
    body.at = name.at;
    body.text = name.text;
    Definition definition{body.text, {}, std::make_shared<const Syntax>(body), name.at};
    if (!takes_name(definition)) return;
    if (machine) {
      machine->definitions_before = file_.definitions.size();
      file_.machines.push_back(*std::move(machine));
    }
    file_.definitions.push_back(std::move(definition));
  }

  void invariant() {
    auto invariant = invariants_.invariant();
    if (!invariant) return;
    const auto [other, is_new] = claimed_.try_emplace(invariant->name, invariant->at.line);
    if (!is_new) {
      report_.error("P0210", invariant->at,
                    "the invariant '" + invariant->name + "' is already there, in line " +
                        std::to_string(other->second));
    }
    invariant->definitions_before = file_.definitions.size();
    file_.invariants.push_back(*std::move(invariant));
  }

  bool takes_name(const Definition& definition) {
    if (is_builtin(definition.name)) {
      report_.error("P0210", definition.at,
                    "'" + definition.name + "' is a word of the language and cannot be defined");
      return false;
    }
    const auto [other, is_new] = defined_.try_emplace(definition.name, definition.at.line);
    if (is_new) return true;
    report_.error(
        "P0210", definition.at,
        "'" + definition.name + "' is already defined in line " + std::to_string(other->second));
    return false;
  }

  bool parameters(Definition& definition) {
    const Token open = tokens_.peek();
    tokens_.take();
    while (!tokens_.at_symbol(")")) {
      if (tokens_.peek().kind != TokenKind::kName) {
        tokens_.expected("the name of a parameter");
        return false;
      }
      definition.parameters.emplace_back(tokens_.peek().text);
      tokens_.take();
      if (!tokens_.take_symbol(",")) break;
    }
    return tokens_.close(open, ")");
  }

  // "=" expr, and then the end of the line.
  SyntaxPtr right_hand_side(const Token& name) {
    if (!tokens_.take_symbol("=")) {
      tokens_.expected("'=' after '" + std::string(name.text) + "'");
      tokens_.skip_statement(name.depth);
      return nullptr;
    }
    return to_end_of_line();
  }

  SyntaxPtr to_end_of_line() {
    SyntaxPtr body = expressions_.parse();
    const bool ends = tokens_.at_end() || tokens_.peek().starts_line || tokens_.at_symbol("}");
    if (ends && !dangling_bracket()) return body;
    tokens_.complain("P0103", tokens_.peek().at,
                     "expected an operator or the end of the line, found '" +
                         std::string(tokens_.peek().text) + "'",
                     "operators are // + >> | & - ~");
    while (!tokens_.at_statement() && !(tokens_.peek().starts_line && !dangling_bracket())) {
      tokens_.take();
    }
    return body;
  }

  // A closing bracket that nothing opened.
  bool dangling_bracket() const { return tokens_.at_symbol(")") || tokens_.at_symbol("]"); }

  const std::optional<SourceSpan> policy_return_;
  TokenStream tokens_;
  ExpressionParser expressions_;
  FsmParser fsms_;
  InvariantParser invariants_;
  Report& report_;
  File file_;
  using Lines = std::unordered_map<std::string, std::uint32_t>;
  Lines defined_;  // by name, as the invariants
  Lines claimed_;
  bool in_block_ = false;
  Token block_open_;
};

}  // namespace

SourceSpan cover(const SourceSpan& first, const SourceSpan& last) {
  if (first.line != last.line || last.column < first.column) return first;
  const std::uint32_t end = std::max(first.column + first.length, last.column + last.length);
  return {first.line, first.column, end - first.column};
}

File parse_file(const Lexed& lexed, Precedence precedence, Report& report) {
  return FileParser(lexed, precedence, report).run();
}

}  // namespace fabrix::policy
