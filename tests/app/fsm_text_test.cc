#include "app/fsm_text.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

TEST(FsmText, ShowsAnFsmInAFewLines) {
  const auto fsms = boost::json::parse(R"([{
    "participant": "A", "fsm": "auth", "per": ["srcmac", "srcip"], "initial": "state=out",
    "states": 2, "events": [{"event": "authenticated", "values": ["false", "true"],
                             "source": "radius"}],
    "timeouts": ["30m"],
    "instances": [{"class": "srcip=10.0.0.1", "state": "state=in", "idle_seconds": 7}],
    "transitions": [{"class": "srcip=10.0.0.1", "from": "state=out", "to": "state=in",
                     "cause": "authenticated=true", "seconds_ago": 7}]}])");
  EXPECT_EQ(render_fsms(fsms.as_array()),
            "auth of A, per srcmac, srcip: 2 states, at first state=out\n"
            "  event authenticated: false, true, from radius\n"
            "  timeout 30m\n"
            "  srcip=10.0.0.1: state=in, no event for 7 s\n"
            "  7 s ago srcip=10.0.0.1: state=out -> state=in (authenticated=true)\n");
  EXPECT_EQ(render_fsms({}), "none\n");
}

}  // namespace
}  // namespace fabrix::app
