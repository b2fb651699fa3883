#include "policy/fsm_parser.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "policy/parser.h"

namespace fabrix::policy {
namespace {

constexpr std::string_view kAuth = R"(event authenticated : bool
event load : {low, high} from meter
event strikes : 0..9

fsm auth per (srcmac, srcip) {
  var state : {out, in} = out
  var count : 0..3
  on authenticated when value { state = in; count = 0 }
  on authenticated when ~value & count < 3 {
    state = out
    count = count + 1
  }
  policy = case {
    state == in & (count == 0 | count == 1) -> identity
    else -> drop
  }
  check AG (state == out -> EF state == in)
  check A[state == out U state == in] | EG ~(state == in)
  timeout 30m when state == in -> { state = out }
}
outbound = auth >> match(dstport=80) >> fwd(B)
)";

class Text {
 public:
  explicit Text(std::string_view text)
      : report_("A.policy"),
        lexed_(lex(text, report_)),
        file_(parse_file(lexed_, Precedence::kPaper, report_)),
        diagnostics_(report_.take()) {}

  const File& file() const { return file_; }
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  Report report_;
  Lexed lexed_;
  File file_;
  std::vector<Diagnostic> diagnostics_;
};

TEST(FsmParser, ReadsEventsWithTheirTypesAndSources) {
  const Text text(kAuth);
  ASSERT_TRUE(text.diagnostics().empty()) << text.diagnostics()[0].message;
  const auto& events = text.file().events;
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].domain.kind, DomainSyntax::Kind::kBool);
  EXPECT_EQ(events[1].domain.names[1].text, "high");
  EXPECT_EQ(events[1].source->text, "meter");
  EXPECT_EQ(events[2].domain.kind, DomainSyntax::Kind::kRange);
  EXPECT_EQ(events[2].domain.names[1].text, "9");
}

TEST(FsmParser, ReadsEveryItemOfAnFsm) {
  const Text text(kAuth);
  ASSERT_EQ(text.file().machines.size(), 1U);
  const MachineSyntax& machine = text.file().machines[0];
  EXPECT_EQ(machine.name.text, "auth");
  ASSERT_EQ(machine.key.size(), 2U);
  EXPECT_EQ(machine.key[1].text, "srcip");
  ASSERT_EQ(machine.variables.size(), 2U);
  EXPECT_EQ(machine.variables[0].initial->text, "out");
  EXPECT_FALSE(machine.variables[1].initial.has_value());
  ASSERT_EQ(machine.reactions.size(), 2U);
  EXPECT_EQ(machine.reactions[0].assignments.size(), 2U);
  EXPECT_EQ(machine.reactions[1].assignments[1].op, "+");
  EXPECT_EQ(machine.reactions[1].when->kind, FormulaKind::kAnd);
  ASSERT_EQ(machine.cases.size(), 2U);
  EXPECT_TRUE(machine.is_case);
  EXPECT_EQ(machine.cases[1].when, nullptr);
  ASSERT_EQ(machine.checks.size(), 2U);
  EXPECT_EQ(machine.checks[0]->kind, FormulaKind::kAllGlobally);
  EXPECT_EQ(machine.checks[1]->kind, FormulaKind::kOr);
  EXPECT_EQ(machine.checks[1]->children[0]->kind, FormulaKind::kAllUntil);
  ASSERT_EQ(machine.timeouts.size(), 1U);
  EXPECT_EQ(machine.timeouts[0].duration.text, "30m");
}

TEST(FsmParser, AnFsmIsAlsoADefinitionInItsPlace) {
  const Text text("let web = match(dstport=80)\nfsm f { policy = web >> drop }\noutbound = f");
  ASSERT_TRUE(text.diagnostics().empty()) << text.diagnostics()[0].message;
  ASSERT_EQ(text.file().definitions.size(), 2U);
  EXPECT_EQ(text.file().definitions[1].name, "f");
  EXPECT_EQ(text.file().definitions[1].body->kind, SyntaxKind::kMachine);
  EXPECT_EQ(text.file().machines[0].definitions_before, 1U);
}

TEST(FsmParser, TakesAPredicateForAClass) {
  for (const std::string_view head :
       {"fsm f per match(dstport=80) {", "fsm f per (match(srcip=10.0.0.1) | web) {"}) {
    SCOPED_TRACE(head);
    const Text text(std::string(head) + " policy = drop }\noutbound = f");
    ASSERT_TRUE(text.diagnostics().empty()) << text.diagnostics()[0].message;
    EXPECT_TRUE(text.file().machines[0].key.empty());
    EXPECT_NE(text.file().machines[0].scope, nullptr);
  }
}

TEST(FsmParser, ReadsAConditionOnTheStateInAnExpression) {
  const Text text("fsm f { policy = identity }\noutbound = in_state(f, x == a | y) >> fwd(B)");
  ASSERT_TRUE(text.diagnostics().empty()) << text.diagnostics()[0].message;
  const Syntax& body = *text.file().sections[0].body;
  ASSERT_EQ(body.children[0]->kind, SyntaxKind::kInState);
  EXPECT_EQ(body.children[0]->text, "f");
  EXPECT_EQ(body.children[0]->formula->kind, FormulaKind::kOr);
}

TEST(FsmParser, SaysWhatIsMissingAndGoesOn) {
  struct Case {
    std::string_view text;
    std::string_view code;
    std::uint32_t line;
  };
  for (const Case& each : {
           Case{"event x\noutbound = fwd(B)", "P0101", 1},
           Case{"event x : colour\noutbound = fwd(B)", "P0101", 1},
           Case{"fsm f per {\n}\noutbound = fwd(B)", "P0101", 1},
           Case{"fsm f {\n  var x {a, b}\n  policy = drop\n}\noutbound = fwd(B)", "P0101", 2},
           Case{"fsm f {\n  on e when { x = a }\n}\noutbound = fwd(B)", "P0101", 2},
           Case{"fsm f {\n  colour = red\n}\noutbound = fwd(B)", "P0104", 2},
           Case{"fsm f {\n  timeout 30 -> { x = a }\n}\noutbound = fwd(B)", "P0101", 2},
           Case{"fsm f {\n  policy = drop\n  policy = drop\n}\noutbound = fwd(B)", "P0106", 3},
           Case{"fsm f {\n  check A[x == a V y]\n}\noutbound = fwd(B)", "P0101", 2},
           Case{"fsm f {\n  policy = case { x == a drop }\n}\noutbound = fwd(B)", "P0101", 2},
           Case{"fsm f {\n  policy = drop\noutbound = fwd(B)", "P0102", 2},
           Case{"outbound = in_state(f) >> fwd(B)", "P0101", 1},
       }) {
    SCOPED_TRACE(each.text);
    const Text text(each.text);
    ASSERT_EQ(text.diagnostics().size(), 1U);
    EXPECT_EQ(text.diagnostics()[0].code, each.code);
    EXPECT_EQ(text.diagnostics()[0].at.line, each.line);
    EXPECT_EQ(text.file().sections.size(), 1U);
  }
}

TEST(FsmParser, FindsSeveralMistakesInOneFsm) {
  const Text text("fsm f {\n  var x : \n  on e { x == a }\n  check AG\n  policy = drop\n}\n");
  EXPECT_EQ(text.diagnostics().size(), 3U);
}

TEST(FsmParser, ABracketTooManyEndsAnFsm) {
  for (const std::string_view text :
       {"fsm f {\n  var x ) ) } ] + y\n", "let p = (fsm f {\n var y : bool ) + drop\n"}) {
    EXPECT_FALSE(Text(text).diagnostics().empty());
  }
}

TEST(FsmParser, BoundsTheNestingOfConditions) {
  const Text text("fsm f { check " + std::string(200, '(') + "x" + std::string(200, ')') + "\n}");
  ASSERT_FALSE(text.diagnostics().empty());
  EXPECT_EQ(text.diagnostics()[0].code, "P0107");
}

}  // namespace
}  // namespace fabrix::policy
