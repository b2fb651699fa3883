#include "analyzer/forwarder.h"

#include <array>

#include <gtest/gtest.h>

#include "io/descriptor_watch.h"
#include "io/event_loop.h"

namespace fabrix::analyzer {
namespace {

TEST(Forwarder, SendsToAllOfBothFamilies) {
  auto four = io::DatagramSocket::bind({net::IpAddress::v4({127, 0, 0, 1}), 0}).value();
  auto six = io::DatagramSocket::bind({net::IpAddress::parse("::1").value(), 0}).value();
  const std::array octets{std::byte{1}, std::byte{2}};
  Forwarder forwarder;
  forwarder.send({{"four", {four.local().address, four.local().port}},
                  {"six", {six.local().address, six.local().port}}},
                 octets);
  io::EventLoop loop;
  for (auto* socket : {&four, &six}) {
    std::size_t size = 0;
    io::DescriptorWatch watch(loop, socket->fd());
    watch.wait_readable([&] { size = socket->receive()[0].octets.size(); });
    EXPECT_TRUE(loop.run_until([&] { return size == 2; }, std::chrono::seconds(20)));
  }
}

}  // namespace
}  // namespace fabrix::analyzer
