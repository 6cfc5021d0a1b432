// histogram_samples write SEED COUNT: records random values of many shapes and prints for each
// histogram a line of JSON: the values [[value, times], ...] as recorded, its encoding in base64,
// and what it says of itself. histogram_samples read: takes encodings, a line of hexadecimal digits
// each, and prints for each the same line without values and encoding, or {"error": "..."}.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/text.h"
#include "core/value.h"
#include "metrics/histogram.h"

namespace {

using slsart::core::Value;
using slsart::metrics::Histogram;
using Samples = std::vector<std::pair<std::int64_t, std::uint64_t>>;

constexpr double kQuantiles[] = {0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1};

Value describe(const Histogram& histogram) {
  Value quantiles(Value::List{});
  for (const double q : kQuantiles) {
    quantiles.push(Value::make_object({{"q", q}, {"value", histogram.quantile(q)}}));
  }
  return Value::make_object({{"count", histogram.count()},
                             {"min", histogram.min()},
                             {"max", histogram.max()},
                             {"mean", histogram.mean()},
                             {"quantiles", std::move(quantiles)}});
}

Samples make_samples(std::mt19937_64& random) {
  Samples samples;
  const std::uint64_t shape = random() % 7;
  const std::uint64_t size = 1 + random() % (random() % 8 == 0 ? 5000 : 200);
  std::lognormal_distribution<double> latency(static_cast<double>(4 + random() % 22),
                                              0.1 + 0.2 * static_cast<double>(random() % 10));
  const auto some = static_cast<std::int64_t>(random() >> (64 - 1 - random() % 42));
  for (std::uint64_t i = 0; i < size && shape != 0; ++i) {  // shape 0: empty
    switch (shape) {
      case 1:  // any size of number, some beyond the end
        samples.emplace_back(static_cast<std::int64_t>(random() >> (63 - random() % 43)), 1);
        break;
      case 2:  // one value
        samples.emplace_back(some, 1 + random() % 1000);
        break;
      case 3:  // small ones, where buckets are single values
        samples.emplace_back(static_cast<std::int64_t>(random() % 300), 1);
        break;
      case 4:  // two humps far apart, one of them huge
        samples.emplace_back(i % 2 == 0 ? some / 1000 : some, i % 2 == 0 ? 1 : random() >> 30);
        break;
      case 5:  // neighbours: a dense run of buckets
        samples.emplace_back(some + static_cast<std::int64_t>(i) * (some / 200 + 1), 1 + i);
        break;
      default:
        samples.emplace_back(static_cast<std::int64_t>(latency(random)), 1);
    }
  }
  return samples;
}

void write(std::uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  for (int i = 0; i < count; ++i) {
    const Samples samples = make_samples(random);
    Histogram histogram;
    Value values(Value::List{});
    for (const auto& [value, times] : samples) {
      histogram.record(value, times);
      Value pair(Value::List{});
      pair.push(value);
      pair.push(times);
      values.push(std::move(pair));
    }
    Value line = describe(histogram);
    line.set("values", std::move(values));
    line.set("encoded", slsart::core::to_base64(histogram.encode()));
    std::puts(slsart::core::to_json(line).c_str());
  }
}

void read() {
  for (std::string line; std::getline(std::cin, line);) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < line.size(); at += 2) {
      bytes.push_back(static_cast<char>(std::stoi(line.substr(at, 2), nullptr, 16)));
    }
    const auto histogram = Histogram::decode(bytes);
    const Value told = histogram ? describe(*histogram)
                                 : Value::make_object({{"error", histogram.error().message}});
    std::puts(slsart::core::to_json(told).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "write" && argc == 4) {
    write(std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]));
  } else if (mode == "read") {
    read();
  } else {
    return 2;
  }
  return 0;
}
