namespace EdgeSplit;

/// <summary>The known name a misspelt one was probably meant to be.</summary>
public static class NearestName
{
    private const int LongestName = 64;
    private const int ShortestBeginning = 3;

    /// <summary>
    /// The candidate fewest edits (insertion, deletion, substitution, swap of neighbours; case ignored) away from
    /// <paramref name="given"/>; null if that is more than a third of its letters, or one in a shorter name. A name's
    /// beginning is one edit away from it.
    /// </summary>
    public static string? Of(string given, IEnumerable<string> candidates)
    {
        if (given.Length is 0 or > LongestName)
            return null;
        string? nearest = null;
        int fewest = Math.Max(1, given.Length / 3) + 1;
        foreach (string candidate in candidates.Where(candidate => candidate.Length <= LongestName))
        {
            int edits = given.Length >= ShortestBeginning && candidate.StartsWith(given, StringComparison.OrdinalIgnoreCase)
                ? Math.Min(1, candidate.Length - given.Length)
                : Edits(given.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (edits < fewest)
                (nearest, fewest) = (candidate, edits);
        }

        return nearest;
    }

    /// <summary><c>did you mean 'x'?</c> or, where nothing is near, the list of what is known.</summary>
    public static string Remedy(string given, IEnumerable<string> known)
    {
        string[] names = [.. known];
        return Of(given, names) is string nearest ? $"did you mean '{nearest}'?" : $"known: {string.Join(", ", names)}";
    }

    /// <summary>Optimal string alignment distance, row by row.</summary>
    private static int Edits(string a, string b)
    {
        int[] beforeLast = new int[b.Length + 1], last = [.. Enumerable.Range(0, b.Length + 1)], row = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }

            (beforeLast, last, row) = (last, row, beforeLast);
        }

        return last[b.Length];
    }
}
