#include "api/rpki_query.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace fabrix::api {
namespace {

TEST(RpkiQuery, ShowsCachesTheirStateAndTheirData) {
  rpki::RpkiStatus status;
  status.coverage = rpki::Coverage::kStale;
  status.vrps = 12;
  status.slurm_filters = 2;
  status.caches = {{.name = "192.0.2.1:3323",
                    .link = rpki::CacheLink::kDown,
                    .detail = "closed",
                    .in_use = true,
                    .vrps = 12,
                    .aspas = 3,
                    .session = rpki::RtrSession{.id = 7, .serial = 42},
                    .age = std::chrono::seconds(30),
                    .expires_in = std::chrono::seconds(7170)},
                   {.name = "192.0.2.2:3323", .detail = "not connected yet"}};
  const auto shown = show_rpki(status);
  EXPECT_EQ(shown.at("coverage").as_string(), "stale");
  EXPECT_EQ(shown.at("summary").as_string(), "12 VRPs from cache 192.0.2.1:3323, connection lost");
  EXPECT_EQ(shown.at("slurm_filters").to_number<int>(), 2);
  const auto& first = shown.at("caches").at(0);
  EXPECT_EQ(first.at("link").as_string(), "down");
  EXPECT_TRUE(first.at("in_use").as_bool());
  EXPECT_EQ(first.at("serial").to_number<int>(), 42);
  EXPECT_EQ(first.at("version").to_number<int>(), 2);
  EXPECT_EQ(first.at("aspas").to_number<int>(), 3);
  EXPECT_EQ(first.at("age").to_number<int>(), 30);
  EXPECT_EQ(first.at("expires_in").to_number<int>(), 7170);
  EXPECT_FALSE(shown.at("caches").at(1).as_object().contains("serial"));
}

TEST(RpkiQuery, SaysWhenThereIsNothing) {
  const auto shown = show_rpki({});
  EXPECT_EQ(shown.at("coverage").as_string(), "none");
  EXPECT_TRUE(shown.at("caches").as_array().empty());
}

}  // namespace
}  // namespace fabrix::api
