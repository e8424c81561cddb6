using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeSplit.Server.Security;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit enroll NAME</c>: who may join a server's fleet.</summary>
internal static class EnrollCommand
{
    public static Command Create()
    {
        Argument<string?> name = new("NAME") { Description = "The device, as the fleet calls it.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> store = ServerSecurityOptions.TokenStoreOption();
        Option<string?> output = new("--out") { Description = "Write the token to this file, for the device alone. [default: print it, once]", HelpName = "FILE" };
        Option<bool> renew = new("--renew") { Description = "Give an enrolled device a new token; the old one is void." };
        Option<bool> list = new("--list") { Description = "Show the enrolled devices." };
        Option<string?> revoke = new("--revoke") { Description = "Void this device's token.", HelpName = "NAME" };
        Option<OutputFormat> format = CommonOptions.Format();
        Command command = new("enroll", "Make the token with which a device joins a server; only its hash is kept.") { name, store, output, renew, list, revoke, format };
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter writer = parsed.InvocationConfiguration.Output, error = parsed.InvocationConfiguration.Error;
            string? device = parsed.GetValue(name), revoked = parsed.GetValue(revoke), path = parsed.GetValue(output);
            RequireOne(device, revoked, parsed.GetValue(list));
            TokenStore tokens = ServerSecurityOptions.StoreAt(parsed.GetValue(store));
            if (device is not null)
            {
                await EnrollAsync(tokens, device, parsed.GetValue(renew), path, writer, error, cancellation).ConfigureAwait(false);
            }
            else if (revoked is not null)
            {
                await tokens.RevokeAsync(revoked, cancellation).ConfigureAwait(false);
                await writer.WriteLineAsync($"The token of '{revoked}' is void.").ConfigureAwait(false);
            }
            else
            {
                List(tokens.Read(), parsed.GetValue(format), writer);
            }

            return 0;
        });
        return command;
    }

    private static void RequireOne(string? device, string? revoked, bool list)
    {
        int asked = (device is null ? 0 : 1) + (revoked is null ? 0 : 1) + (list ? 1 : 0);
        if (asked != 1)
        {
            throw new InvalidInputException(
                "enroll", asked == 0 ? "there is nothing to do" : "one thing at a time", "give a NAME to enrol, --revoke NAME, or --list");
        }
    }

    private static async Task EnrollAsync(
        TokenStore tokens, string device, bool renew, string? path, TextWriter writer, TextWriter error, CancellationToken cancellation)
    {
        DeviceToken? made = null;
        await tokens.EnrollAsync(
            device,
            renew,
            token =>
            {
                made = token;
                if (path is not null)
                    TokenFile.Write(path, token, replace: renew);
            },
            cancellation).ConfigureAwait(false);
        if (path is not null)
        {
            await writer.WriteLineAsync($"'{device}' may join with the token in {path}. Bring it to the device; the store holds only its hash.").ConfigureAwait(false);
            return;
        }

        await writer.WriteLineAsync(made!.Reveal()).ConfigureAwait(false);
        await error.WriteLineAsync($"This is the token of '{device}'; it is shown once. Put it into a file that only the device reads.").ConfigureAwait(false);
    }

    private static void List(IReadOnlyList<EnrolledDevice> devices, OutputFormat format, TextWriter writer)
    {
        if (format == OutputFormat.Json)
        {
            WriteJson(devices, writer);
            return;
        }

        if (devices.Count == 0)
        {
            writer.WriteLine("No device is enrolled.");
            return;
        }

        TextTable table = new(["device", "enrolled"], textColumns: 2);
        foreach (EnrolledDevice device in devices)
            table.Add(device.Name, device.Enrolled.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        table.Write(writer);
    }

    private static void WriteJson(IReadOnlyList<EnrolledDevice> devices, TextWriter writer)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (EnrolledDevice device in devices)
            {
                json.WriteStartObject();
                json.WriteString("name", device.Name);
                json.WriteString("enrolled", device.Enrolled);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        writer.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
