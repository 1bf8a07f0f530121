using Sluice.Server.Startup;

return await CommandLine.RunAsync(args, Console.Out, Console.Error);
