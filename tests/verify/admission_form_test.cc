#include "verify/admission_form.h"

#include <gtest/gtest.h>

#include "program/drop.h"
#include "tests/verify/walkthrough.h"
#include "verify/row_index.h"

namespace fabrix::verify {
namespace {

using program::TableId;

Site site_of(const Walkthrough& walkthrough, net::RouterId id) {
  const exchange::Router& router = walkthrough.exchange.router(id);
  return {.name = router.name,
          .port = router.port,
          .mac = router.mac,
          .addresses = &router.addresses,
          .participant = router.participant,
          .has_outbound = router.participant == Walkthrough::kA,
          .is_counted = false,
          .lookups = program::lookup_meter(router.id, router.port),
          .punts = program::punt_meter(router.id, router.port),
          .peering_lan = &walkthrough.exchange.peering_lan};
}

std::optional<AdmissionForm> form(const Walkthrough& walkthrough, net::RouterId id) {
  const RowIndex index(walkthrough.program);
  const Site site = site_of(walkthrough, id);
  return form_of(site, index.rows(TableId::kAdmit, 0, site.port.value));
}

TEST(AdmissionFormTest, PortsWithTheSameRightsHaveTheSameForm) {
  const Walkthrough walkthrough;
  ASSERT_TRUE(form(walkthrough, Walkthrough::kB1));
  EXPECT_EQ(form(walkthrough, Walkthrough::kB1), form(walkthrough, Walkthrough::kC2));
  EXPECT_EQ(form(walkthrough, Walkthrough::kB1), form(walkthrough, Walkthrough::kD1));
  EXPECT_NE(form(walkthrough, Walkthrough::kB1), form(walkthrough, Walkthrough::kA1));
}

TEST(AdmissionFormTest, EveryDamagedRowHasAnotherFormOrNone) {
  const Walkthrough right;
  const auto expected = form(right, Walkthrough::kB1);
  const net::PortNo port = right.exchange.router(Walkthrough::kD1).port;
  for (std::size_t i = 0; i < right.program.table(TableId::kAdmit).size(); ++i) {
    Walkthrough walkthrough;
    program::Row& row = walkthrough.program.table(TableId::kAdmit)[i];
    const auto in_port =
        std::ranges::find(row.match.fields, net::Field::kInPort, &program::FieldMatch::field);
    if (in_port == row.match.fields.end() || in_port->bits != port.value) continue;
    if (row.match.fields.size() == 1) continue;
    SCOPED_TRACE(to_string(row));
    for (auto& test : row.match.fields) {
      if (test.field != net::Field::kInPort) test.bits ^= test.mask & (~test.mask + 1);
    }
    EXPECT_NE(form(walkthrough, Walkthrough::kD1), expected);
  }
}

TEST(AdmissionFormTest, ARowThatCountsForAnotherPortHasNone) {
  Walkthrough walkthrough;
  program::Row& row = walkthrough.row(TableId::kAdmit, [&](const program::Row& each) {
    return !each.queries.empty() && program::drop_of(each.queries.front())->port ==
                                        walkthrough.exchange.router(Walkthrough::kB1).port;
  });
  row.queries = {program::drop_counter({{4000}, program::DropReason::kDhcp})};
  EXPECT_FALSE(form(walkthrough, Walkthrough::kB1));
}

TEST(AdmissionFormTest, ARowThatNamesAnotherSenderHasNone) {
  Walkthrough walkthrough;
  program::Row& row = walkthrough.row(TableId::kAdmit, [](const program::Row& each) {
    return each.origin.participant == Walkthrough::kB && each.write_metadata.mask != 0;
  });
  row.write_metadata = program::Metadata::sender(Walkthrough::kD);
  EXPECT_FALSE(form(walkthrough, Walkthrough::kB1));
}

}  // namespace
}  // namespace fabrix::verify
