namespace PaaS.Core;

/// <summary>
/// Makes names for apps that were created without one, as Heroku does: adjective, noun, number, such as <c>limitless-fjord-5604</c>.
/// A name may be taken already: the caller tries again.
/// </summary>
/// <param name="random">The source of chance. As safe for threads as that is: <see cref="Random.Shared"/> is, a seeded one is not.</param>
public sealed class AppNameGenerator(Random random)
{
    // No word is longer than eleven letters, so that two of them, two hyphens and five digits stay within AppName.MaxLength.
    private static readonly string[] Adjectives =
    [
        "agile", "airy", "amber", "ancient", "aqueous", "arctic", "autumn", "azure", "balmy", "blazing", "blooming", "blue", "bold",
        "boundless", "brave", "breezy", "bright", "brisk", "bronze", "calm", "celestial", "cerulean", "clear", "clever", "cloudless",
        "coastal", "cool", "copper", "coral", "cosmic", "crimson", "crisp", "crystal", "curious", "dappled", "daring", "dawning",
        "deep", "distant", "dreamy", "drifting", "eager", "early", "eastern", "electric", "emerald", "endless", "evening", "fading",
        "fair", "fancy", "fearless", "fierce", "fleet", "floating", "flowing", "flying", "foggy", "fragrant", "free", "fresh",
        "frosty", "gentle", "giant", "gilded", "glacial", "gleaming", "glowing", "golden", "graceful", "grand", "green", "hardy",
        "hazy", "hidden", "high", "hollow", "humble", "icy", "immense", "indigo", "infinite", "inland", "ivory", "jade", "jolly",
        "joyful", "keen", "kind", "lapis", "late", "leafy", "lilac", "limitless", "little", "lively", "lofty", "lucid", "lunar",
        "magenta", "majestic", "maple", "marine", "mellow", "mighty", "misty", "morning", "mossy", "mystic", "nimble", "noble",
        "northern", "obsidian", "ochre", "open", "opal", "pacific", "pale", "patient", "peaceful", "pearly", "placid", "playful",
        "polar", "polished", "proud", "quiet", "radiant", "rainy", "rapid", "restless", "roaming", "rocky", "rosy", "rugged",
        "rustic", "safe", "salty", "sandy", "sapphire", "scarlet", "secure", "serene", "shady", "sheer", "shining", "silent",
        "silken", "silver", "sleepy", "smooth", "snowy", "soaring", "solar", "solemn", "southern", "sparkling", "spring", "starry",
        "steady", "still", "stormy", "stout", "subtle", "summer", "sunlit", "sunny", "swift", "tall", "tender", "thawing", "tidal",
        "timeless", "tranquil", "twilight", "vast", "velvet", "verdant", "violet", "vivid", "wandering", "warm", "western", "whispering",
        "wide", "wild", "windy", "winter", "wise", "young", "zealous",
    ];

    private static readonly string[] Nouns =
    [
        "acorn", "anchor", "arch", "aspen", "atoll", "aurora", "badger", "basin", "bay", "beach", "beacon", "birch", "bird", "bluff",
        "boulder", "brook", "butterfly", "canyon", "cape", "cascade", "castle", "cavern", "cedar", "chamber", "cherry", "cliffs",
        "cloud", "clover", "coast", "comet", "coral", "cove", "crag", "crane", "crater", "creek", "crest", "dale", "dawn", "delta",
        "desert", "dew", "dolphin", "dove", "dragon", "dream", "dune", "dusk", "eagle", "earth", "ember", "everglades", "falcon",
        "falls", "feather", "fern", "field", "finch", "fire", "firefly", "fjord", "flower", "fog", "forest", "fortress", "fountain",
        "fox", "frost", "galaxy", "garden", "garnet", "gate", "geyser", "glacier", "glade", "glen", "gorge", "grass", "grove",
        "gulf", "harbor", "hare", "haven", "hawk", "haze", "headland", "heron", "hill", "hollow", "horizon", "iceberg", "inlet",
        "island", "jasper", "journey", "juniper", "kelp", "lagoon", "lake", "lantern", "lark", "laurel", "leaf", "ledge", "lily",
        "linden", "lotus", "lynx", "magnolia", "marsh", "meadow", "mesa", "meteor", "mist", "moon", "moor", "moss", "mountain",
        "nebula", "nest", "oak", "oasis", "ocean", "orchard", "orchid", "otter", "owl", "palm", "pass", "path", "peak", "pebble",
        "pine", "plains", "planet", "plateau", "pond", "poppy", "prairie", "quarry", "rain", "rainbow", "raven", "ravine", "reef",
        "ridge", "river", "robin", "rock", "sage", "sands", "savannah", "scrubland", "sea", "shadow", "shape", "shore", "sierra",
        "sky", "snow", "sound", "sparrow", "spire", "spring", "springs", "spruce", "star", "steppe", "stone", "stream", "summit",
        "sun", "sunrise", "sunset", "surf", "swan", "temple", "thicket", "thunder", "tide", "tower", "trail", "tree", "tundra",
        "valley", "vale", "vista", "volcano", "voyage", "water", "waterfall", "wave", "willow", "wind", "wood", "woodland", "wren",
    ];

    private readonly Random _random = random ?? throw new ArgumentNullException(nameof(random));

    /// <summary>How many names there are.</summary>
    internal static long Count => (long)Adjectives.Length * Nouns.Length * (100_000 - 1_000);

    /// <summary>A name with a number of four or five digits. About four billion are possible.</summary>
    public AppName Next() =>
        AppName.Parse($"{Adjectives[_random.Next(Adjectives.Length)]}-{Nouns[_random.Next(Nouns.Length)]}-{_random.Next(1_000, 100_000)}");
}
