#include "controller/prefix_index.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::controller {
namespace {

net::Prefix random_prefix(std::mt19937& random) {
  const bool is_v4 = random() % 2 == 0;
  const auto octet = static_cast<std::uint8_t>(random() % 3);
  if (is_v4) {
    const auto low = static_cast<std::uint8_t>(random());
    return net::Prefix::containing(net::IpAddress::v4({10, octet, low, 0}),
                                   static_cast<unsigned>(random() % 25))
        .value();
  }
  net::Prefix base = net::Prefix::parse("2001:db8::/32").value();
  return net::Prefix::containing(base.address(), 16 + static_cast<unsigned>(random() % 17)).value();
}

// Against asking every prefix, over enough additions that they are merged several times.
TEST(PrefixIndex, FindsWhatIsInsideWhateverWasAddedAndForgotten) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  std::set<net::Prefix> live;
  PrefixIndex index([&live](const net::Prefix& prefix) { return live.contains(prefix); });
  for (int i = 0; i < 100; ++i) live.insert(random_prefix(random));
  index.build({live.begin(), live.end()});
  for (int i = 0; i < 3000; ++i) {
    const net::Prefix prefix = random_prefix(random);
    if (random() % 3 == 0) {
      live.erase(prefix);
    } else {
      live.insert(prefix);
      index.add(prefix);
    }
    const net::Prefix block = random_prefix(random);
    const bool expected = std::ranges::any_of(
        live, [&](const net::Prefix& each) { return each != block && block.contains(each); });
    EXPECT_EQ(index.any_inside(
                  block, [&live](const net::Prefix& inside) { return live.contains(inside); }),
              expected)
        << block.to_string();
  }
}

TEST(PrefixIndex, ForgetsWhatIsGone) {
  PrefixIndex index([](const net::Prefix&) { return false; });
  index.build({});
  const auto most = [&] {
    std::size_t largest = 0;
    for (unsigned i = 0; i < 20'000; ++i) {
      const auto octet = [i](unsigned shift) { return static_cast<std::uint8_t>(i >> shift); };
      const auto address = net::IpAddress::v4({10, octet(8), octet(0), 0});
      index.add(net::Prefix::containing(address, 24).value());
      largest = std::max(largest, index.size());
    }
    return largest;
  };
  EXPECT_LT(most(), 5000U);
}

TEST(PrefixIndex, AsksNoMoreThanItNeeds) {
  PrefixIndex index([](const net::Prefix&) { return true; });
  index.build({net::Prefix::parse("10.0.0.0/8").value(), net::Prefix::parse("10.1.0.0/16").value(),
               net::Prefix::parse("10.2.0.0/16").value()});
  int asked = 0;
  EXPECT_TRUE(index.any_inside(net::Prefix::parse("10.0.0.0/8").value(), [&](const net::Prefix&) {
    ++asked;
    return true;
  }));
  EXPECT_EQ(asked, 1);
  index.clear();
  EXPECT_FALSE(index.is_built());
}

}  // namespace
}  // namespace fabrix::controller
