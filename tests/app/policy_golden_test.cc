// Every code that a policy can be answered with has a text that gets it, and the whole answer:
// tests/policy/golden/CODE-name.policy and .expected, against the exchange.yaml there. A line
// "# owner: NAME" says whose policy it is, else A's; "# padded" that it is made too long; "# steps:
// N" that so many are all that judging it may take, so that what takes too many is found soon;
// "# running" that it is set on an exchange in which nobody has announced anything yet.
//
// FABRIX_UPDATE_GOLDEN=1 writes the answers anew; they are reviewed as a diff.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/policy_judgement.h"
#include "base/budget.h"
#include "compiler/compiler.h"
#include "controller/silent_targets.h"
#include "controller/symbols.h"
#include "exchange/load.h"
#include "policy/parse.h"
#include "routeserver/route_server.h"
#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = testing::source_file("tests/policy/golden");

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> golden_policies() {
  std::vector<fs::path> files;
  for (const auto& each : fs::directory_iterator(kGolden)) {
    if (each.path().extension() == ".policy") files.push_back(each.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string code_of(const fs::path& file) {
  return file.stem().string().substr(0, 5);
}

std::string owner_of(const std::string& text) {
  std::smatch found;
  return std::regex_search(text, found, std::regex("# owner: (\\w+)")) ? found[1].str() : "A";
}

// The codes of the table in docs/policy.md: "P0001 - P0004" and "P0111, P0112".
std::set<std::string> documented_codes() {
  std::istringstream page(read(testing::source_file("docs/policy.md")));
  std::set<std::string> codes;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| P0")) continue;
    const std::string cell = line.substr(2, line.find('|', 2) - 2);
    const std::regex number("P(\\d{4})");
    std::vector<int> numbers;
    for (std::sregex_iterator at(cell.begin(), cell.end(), number), end; at != end; ++at) {
      numbers.push_back(std::stoi((*at)[1]));
    }
    if (cell.find(" - ") != std::string::npos) {
      const int last = numbers.back();
      for (int i = numbers.front() + 1; i < last; ++i) numbers.push_back(i);
    }
    for (const int each : numbers) codes.insert("P0" + std::to_string(1000 + each).substr(1));
  }
  return codes;
}

std::optional<std::uint64_t> steps_of(const std::string& text) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex("# steps: (\\d+)"))) return std::nullopt;
  return std::stoull(found[1]);
}

// What the compiler says of it in so many steps.
Judgement judged_within(std::uint64_t steps, const exchange::Exchange& exchange,
                        net::ParticipantId owner, const std::string& file,
                        const std::string& text) {
  const auto parsed = policy::parse(text, file, controller::symbols_for(exchange, owner));
  if (!parsed) return {.diagnostics = parsed.error(), .policy = nullptr, .fsms = nullptr};
  const routeserver::RouteServer no_routes(exchange);
  compiler::Compiler compiler(exchange, no_routes);
  Budget budget(steps);
  const auto found = compiler.review(owner, parsed->policy, file, budget);
  return {.diagnostics = found ? *found : found.error(), .policy = nullptr, .fsms = nullptr};
}

Judgement judged(const exchange::Exchange& exchange, const fs::path& file, std::string text) {
  const auto* owner = exchange.find_participant(owner_of(text));
  if (const auto steps = steps_of(text)) {
    return judged_within(*steps, exchange, owner->id, file.filename().string(), text);
  }
  if (text.starts_with("# padded")) text.resize(policy::kMaxPolicySize + 1, '\n');
  Judgement judgement = judge(exchange, owner->id, text, file.filename().string());
  if (text.starts_with("# running")) {
    judgement.diagnostics = controller::silent_targets(exchange, routeserver::RouteServer(exchange),
                                                       *judgement.policy, file.filename().string());
  }
  return judgement;
}

TEST(PolicyGoldenTest, EveryTextGetsItsAnswerToTheLetter) {
  const auto exchange = exchange::load(read(kGolden / "exchange.yaml"), "exchange.yaml");
  ASSERT_TRUE(exchange);
  for (const fs::path& file : golden_policies()) {
    SCOPED_TRACE(file.filename().string());
    const std::string text = read(file);
    const auto judgement = judged(*exchange, file, text);
    const auto expected = fs::path(file).replace_extension(".expected");
    const std::string rendered = render(judgement.diagnostics, text);
    if (std::getenv("FABRIX_UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << rendered;
    EXPECT_EQ(rendered, read(expected));
    EXPECT_TRUE(std::ranges::any_of(judgement.diagnostics, [&](const Diagnostic& each) {
      return each.code == code_of(file);
    })) << "another code than the file's name says";
  }
}

TEST(PolicyGoldenTest, TheDocumentedCodesAreThoseWithATextHere) {
  std::set<std::string> here;
  for (const fs::path& file : golden_policies()) here.insert(code_of(file));
  EXPECT_EQ(here, documented_codes());
}

// A code that the sources have is documented, so that it has a text here.
TEST(PolicyGoldenTest, TheSourcesHaveNoOtherCodes) {
  std::set<std::string> used;
  for (const std::string folder : {"src/policy", "src/compiler", "src/controller"}) {
    for (const auto& each : fs::directory_iterator(testing::source_file(folder))) {
      if (each.path().extension() != ".cc") continue;
      const std::string source = read(each.path());
      const std::regex code("\"(P0\\d{3})\"");
      for (std::sregex_iterator at(source.begin(), source.end(), code), end; at != end; ++at) {
        used.insert((*at)[1]);
      }
    }
  }
  EXPECT_EQ(used, documented_codes());
}

}  // namespace
}  // namespace fabrix::app
