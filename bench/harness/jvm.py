"""The JVM settings that bench/run --jvm all tries, each beside what the launcher ships."""

SETTINGS = {
    "compact-headers": "-XX:+UseCompactObjectHeaders",
    "parallel": "-XX:-UseSerialGC -XX:+UseParallelGC",
    "g1": "-XX:-UseSerialGC -XX:+UseG1GC",
    "zgc": "-XX:-UseSerialGC -XX:+UseZGC",
    "no-aot-cache": "-XX:AOTMode=off",
    "c1-only": "-XX:TieredStopAtLevel=1",
    "c2-only": "-XX:-TieredCompilation",
    "heap-128m": "-Xmx128m",
    "heap-quarter": "-XX:ErgoHeapSizeLimit=0",
    "no-trim": "-XX:TrimNativeHeapInterval=0",
    "young-32m": "-Xmn32m",
    "young-256m": "-Xmn256m",
    "carriers-1": "-Djdk.virtualThreadScheduler.parallelism=1",
    "carriers-4": "-Djdk.virtualThreadScheduler.parallelism=4",
    "netty-pooled": "-Dio.netty.allocator.type=pooled",
    "netty-unpooled": "-Dio.netty.allocator.type=unpooled",
    "huge-pages": "-XX:+UseTransparentHugePages",
}
