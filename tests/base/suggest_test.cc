#include "base/suggest.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix {
namespace {

const std::vector<std::string> kKnown{"dstip", "dstport", "srcport", "protocol", "A", "B"};

TEST(SuggestTest, FindsTheNameThatWasMeant) {
  const struct {
    std::string_view written;
    std::string_view meant;
  } cases[] = {
      {"dstpot", "dstport"},  {"DSTPORT", "dstport"}, {"dtsip", "dstip"}, {"protocoll", "protocol"},
      {"prtocl", "protocol"}, {"srcprot", "srcport"}, {"a", "A"},
  };
  for (const auto& [written, meant] : cases) EXPECT_EQ(nearest(written, kKnown), meant) << written;
}

TEST(SuggestTest, SuggestsNothingForADifferentWord) {
  for (const std::string_view name : {"", "C", "AB", "vlan", "destination", "prtcl_"}) {
    EXPECT_EQ(nearest(name, kKnown), std::nullopt) << name;
  }
  EXPECT_EQ(nearest("dstip", {}), std::nullopt);
}

TEST(SuggestTest, TiesGoToTheFirst) {
  const std::vector<std::string> known{"cat", "bat"};
  EXPECT_EQ(nearest("rat", known), "cat");
}

TEST(SuggestTest, OneEditOfALongNameIsAlwaysFound) {
  std::mt19937 random(20240601);
  const std::vector<std::string> known{"peering_lan"};
  for (int i = 0; i < 2000; ++i) {
    std::string name = known.front();
    const std::size_t where = random() % (name.size() - 1);
    switch (random() % 4) {
      case 0:
        name.erase(where, 1);
        break;
      case 1:
        name.insert(where, 1, 'x');
        break;
      case 2:
        name[where] = 'x';
        break;
      default:
        std::swap(name[where], name[where + 1]);
    }
    EXPECT_EQ(nearest(name, known), "peering_lan") << name;
  }
}

}  // namespace
}  // namespace fabrix
