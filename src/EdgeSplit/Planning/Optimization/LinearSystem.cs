namespace EdgeSplit.Planning.Optimization;

/// <summary>A few equations in as many unknowns.</summary>
internal static class LinearSystem
{
    /// <summary>Solves in place by elimination with row pivots.</summary>
    /// <param name="rows">Each with its right side last; that becomes the solution.</param>
    /// <returns>False where the equations do not determine all unknowns.</returns>
    public static bool Solve(double[][] rows)
    {
        int size = rows.Length;
        for (int column = 0; column < size; column++)
        {
            int pivot = column;
            for (int row = column + 1; row < size; row++)
            {
                if (Math.Abs(rows[row][column]) > Math.Abs(rows[pivot][column]))
                    pivot = row;
            }

            (rows[column], rows[pivot]) = (rows[pivot], rows[column]);
            double[] solved = rows[column];
            if (!(Math.Abs(solved[column]) > 0))
                return false;
            for (int next = size; next >= column; next--)
                solved[next] /= solved[column];
            foreach (double[] row in rows)
            {
                double factor = row[column];
                if (row == solved || factor == 0)
                    continue;
                for (int next = column; next <= size; next++)
                    row[next] -= factor * solved[next];
            }
        }

        return true;
    }
}
