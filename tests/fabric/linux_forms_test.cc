#include "fabric/linux_forms.h"

#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

TEST(LinuxForms, RowsThatDifferInValuesAreOneForm) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 20; ++i) {
    rows.push_back(row_to(i + 1, 10, to_port(i).exact(net::Field::kProtocol, 6)));
  }
  const auto forms = forms_of(by_priority(rows), enough());
  ASSERT_EQ(forms.size(), 1U);
  EXPECT_EQ(forms[0].rows.size(), 20U);
  const LinuxTest protocol{static_cast<LinuxField>(net::Field::kProtocol), 6, 0xff};
  EXPECT_EQ(forms[0].tests, std::vector{protocol});
  ASSERT_EQ(forms[0].key.size(), 1U);
  EXPECT_EQ(forms[0].key[0].field, static_cast<LinuxField>(net::Field::kDstPort));
}

TEST(LinuxForms, PrioritiesAndActionsTellFormsApart) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 8; ++i) rows.push_back(row_to(1, 10, to_port(i)));
  for (std::uint32_t i = 0; i < 8; ++i) rows.push_back(row_to(1, 9, to_port(i)));
  for (std::uint32_t i = 100; i < 108; ++i) {
    rows.push_back(row_to(1, 9, to_port(i)));
    rows.back().next = program::Discard{};
  }
  const auto forms = forms_of(by_priority(rows), enough());
  ASSERT_EQ(forms.size(), 3U);
  EXPECT_EQ(forms[0].row().priority, 10);
}

TEST(LinuxForms, RowsWithCopiesOrFewCompanionsStandAlone) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 8; ++i) {
    rows.push_back(row_to(1, 9, to_port(i)));
    rows.back().copies = {net::PortNo{3}};
  }
  rows.push_back(row_to(2, 8, to_port(1)));
  const auto forms = forms_of(by_priority(rows), enough());
  EXPECT_EQ(forms.size(), 9U);
  for (const LinuxForm& form : forms) EXPECT_TRUE(form.key.empty());
}

TEST(LinuxForms, RowsWithCountersAndEqualLimitsAreOneFormWhateverTheirNumbers) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 24; ++i) {
    rows.push_back(row_to(1, 10, to_port(i)));
    if (i < 8) rows.back().queries = {i + 1};
    if (i < 16) rows.back().meter = program::Meter{.id = i + 1, .kbps = i < 8 ? 1000U : 2000U};
  }
  const auto forms = forms_of(by_priority(rows), enough());
  ASSERT_EQ(forms.size(), 3U);
  for (const LinuxForm& form : forms) EXPECT_EQ(form.rows.size(), 8U);
}

TEST(LinuxForms, MetadataIsTestedLast) {
  program::Match match = to_port(80);
  match.metadata = program::Metadata::sender(net::ParticipantId{2});
  const auto tests = tests_of(match);
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[1], (LinuxTest{kLinuxMetadata, 3, 0xfff}));
}

}  // namespace
}  // namespace fabrix::fabric
